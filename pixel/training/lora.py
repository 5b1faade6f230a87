"""LoRA on the trunk, the heads trained whole."""

from peft import LoraConfig, PeftConfig

from pixel.models import PixelForCausalLM
from pixel.training.arguments import ModelArguments, SettingError


def lora_from_arguments(model: ModelArguments) -> LoraConfig | None:
    """The adapter that `ModelArguments` asks for; `None` where `lora_r` is 0."""
    if not model.lora_r:
        return None
    return LoraConfig(
        r=model.lora_r,
        lora_alpha=model.lora_alpha or 2 * model.lora_r,
        lora_dropout=model.lora_dropout,
        target_modules=list(model.lora_targets),
        layers_to_transform=None if not model.lora_layers else _from_one(model.lora_layers),
        bias="none",
    )


def _from_one(layers: list[int]) -> list[int]:
    """`[first, last]`, counted from 1 as `readout_layer` is, as a list of indices."""
    if len(layers) != 2 or not 1 <= layers[0] <= layers[1]:
        raise SettingError(f"lora_layers is {layers}. Mend: give the first and the last layer, counted from 1")
    return list(range(layers[0] - 1, layers[1]))


def lora_config(network: PixelForCausalLM, config: PeftConfig) -> PeftConfig:
    """
    Make an adapter configuration fit: the heads are saved whole, and no adapter sits inside them.

    Adapters attach to the backbone alone; a head's own linear maps are full-rank already.
    """
    names = network.head_modules()
    config.modules_to_save = sorted({*(config.modules_to_save or []), *names})
    if isinstance(config.target_modules, set | list):
        kinds = "|".join(sorted(config.target_modules))
        layers = getattr(config, "layers_to_transform", None)
        which = r"\d+" if layers is None else "(" + "|".join(str(layer) for layer in layers) + ")"
        config.target_modules = rf"model\.layers\.{which}\..*\.({kinds})"
        config.layers_to_transform = None
    return config
