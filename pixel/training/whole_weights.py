"""The whole weights of a network that several processes share, on the first process, adapters merged."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import torch
from accelerate.utils import extract_model_from_parallel, is_peft_model
from torch import Tensor, nn

from pixel.models import PixelForCausalLM
from pixel.training.arguments import SettingError
from pixel.training.ranks import is_first


def merged_weights(model: nn.Module) -> dict[str, Tensor]:
    """
    Weights of the network as `PixelForCausalLM` names them, on the CPU. Every process must call it.

    One module at a time is gathered, so that a device needs room for its largest module only, and the host of the
    first process for the whole.

    Args:
        model: what the trainer trains: plain, PEFT, DDP, DeepSpeed engine or FSDP2; its adapters are not touched.

    Returns:
        on the first process all weights and kept buffers, tied ones once; on the others nothing.

    Raises:
        SettingError: an adapter that is no plain LoRA.
    """
    model = extract_model_from_parallel(model)
    adapted = is_peft_model(model)
    inner = model.get_base_model() if adapted else model
    first, found, seen = is_first(), {}, set()
    for prefix, module in inner.named_modules():
        if adapted and _inside_adapter(prefix):
            continue
        if adapted and hasattr(module, "lora_A"):
            parts = {f"{prefix}.weight": lambda module=module: _merged(module)}
            if getattr(module.base_layer, "bias", None) is not None:
                parts[f"{prefix}.bias"] = lambda module=module: module.base_layer.bias
            with whole(list(module.parameters())):
                for name, make in parts.items():
                    value = full(make())
                    if first:
                        found[name] = value.detach().to("cpu", copy=True)
            continue
        if adapted and hasattr(module, "modules_to_save"):
            found |= _own(module.modules_to_save[module.active_adapters[0]], prefix, seen, first)
        else:
            found |= _own(module, prefix, seen, first, recurse=False)
    return found


def save_merged(model: nn.Module, folder: str | Path) -> None:
    """Write the whole network, adapters merged, as `save_pretrained` of one process would. Every process calls it."""
    weights = merged_weights(model)
    if is_first():
        model = extract_model_from_parallel(model)
        inner = model.get_base_model() if is_peft_model(model) else model
        PixelForCausalLM.save_pretrained(inner, folder, state_dict=weights)


def _own(module: nn.Module, prefix: str, seen: set[int], first: bool, recurse: bool = True) -> dict[str, Tensor]:
    """Parameters and kept buffers of a module, whole."""
    named = [(n, p) for n, p in module.named_parameters(recurse=recurse) if id(p) not in seen]
    seen.update(id(parameter) for _, parameter in named)
    found = {}
    with whole([parameter for _, parameter in named]):
        for name, parameter in [*named, *_kept_buffers(module, recurse)]:
            value = full(parameter)  # a gathering of its own under FSDP2: every process takes part
            if first:
                found[f"{prefix}.{name}" if prefix else name] = value.detach().to("cpu", copy=True)
    return found


def _kept_buffers(module: nn.Module, recurse: bool) -> Iterator[tuple[str, Tensor]]:
    for name, buffer in module.named_buffers(recurse=recurse):
        owner, _, last = name.rpartition(".")
        if last not in module.get_submodule(owner)._non_persistent_buffers_set:
            yield name, buffer


def _merged(layer: nn.Module) -> Tensor:
    """Weight of a LoRA layer with its active adapters added, all of them gathered before."""
    weight = full(layer.base_layer.weight)
    for name in layer.active_adapters:
        if name not in layer.lora_A:
            raise SettingError(f"the adapter {name!r} cannot be merged: it is no LoRA on a linear map. Mend: use LoRA")
        if getattr(layer, "use_dora", {}).get(name):
            raise SettingError("DoRA cannot be merged over processes. Mend: use plain LoRA")
        up, down = full(layer.lora_B[name].weight), full(layer.lora_A[name].weight)
        weight = weight + ((up @ down) * layer.scaling[name]).to(weight.dtype)
    return weight


def _inside_adapter(prefix: str) -> bool:
    marks = (".base_layer", ".lora_", ".modules_to_save", ".original_module")
    return any(mark in f".{prefix}" for mark in marks)


@contextmanager
def whole(parameters: list[nn.Parameter]) -> Iterator[None]:
    """Inside, parameters that ZeRO-3 has split are whole. Every process must enter."""
    split = [parameter for parameter in parameters if hasattr(parameter, "ds_id")]
    gathered = nullcontext()
    if split:
        import deepspeed

        gathered = deepspeed.zero.GatheredParameters(split)
    with gathered, torch.no_grad():
        yield


def full(value: Tensor) -> Tensor:
    """A tensor that FSDP2 has split, gathered; any other as it is. Every process must call it."""
    return value.full_tensor() if hasattr(value, "full_tensor") else value
