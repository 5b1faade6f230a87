"""Any checkpoint, split over processes or not, made into a plain model folder that loads anywhere."""

import shutil
from pathlib import Path

import torch
from peft import PeftConfig, PeftModel, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from pixel.checkpoints import MANIFEST, CheckpointError, require_valid
from pixel.models import PixelConfig, PixelForCausalLM
from pixel.training.checkpoint_writing import NETWORK
from pixel.training.loading import PIXEL_OPTIONS, load_network

_OF_TRAINING = {
    "optimizer.pt", "scheduler.pt", "trainer_state.json", "objectives.json", "training_args.bin", "latest",
    "zero_to_fp32.py", "scaler.pt", MANIFEST,
}  # fmt: skip


def kind_of(checkpoint: Path) -> str:
    """`adapter`, `whole`, `zero` (DeepSpeed), `fsdp` (torch.distributed.checkpoint) or `part` (heads alone)."""
    if (checkpoint / "adapter_config.json").exists() and _holds_weights(checkpoint / "adapter_model.safetensors"):
        return "adapter"
    if list(checkpoint.glob("model*.safetensors")):
        return "whole" if (checkpoint / "config.json").exists() else "part"
    if list(checkpoint.glob("global_step*/*model_states.pt")):
        return "zero"
    if list(checkpoint.glob("pytorch_model_fsdp_*/.metadata")):
        return "fsdp"
    raise CheckpointError(f"{checkpoint}: no weights that Pixel knows", "name a checkpoint-* folder of a training run")


def consolidate(
    checkpoint: str | Path, output: str | Path, base: str | None = None, dtype: torch.dtype | None = None
) -> Path:
    """
    Write a checkpoint's network as safetensors, with configuration and tokenizer, and nothing of its training.

    Shards of DeepSpeed and FSDP hold Python pickles. Every byte is compared with the manifest before they are read,
    but a manifest does not say who wrote it: only consolidate shards of runs that you trust.

    Args:
        checkpoint: sealed.
        output: an empty or new folder.
        base: the model that training started from, for adapters (split or not) and heads, which are not whole by
            themselves; by default the one that the adapter names.
        dtype: of the weights that are gathered or merged; by default as they are (DeepSpeed's are float32).

    Returns:
        the folder, which `PixelForCausalLM.from_pretrained` loads.

    Raises:
        CheckpointError: broken, without weights, without a base where it needs one, or an output that is not empty.
    """
    checkpoint, output = Path(checkpoint), Path(output)
    require_valid(checkpoint)
    if output.exists() and any(output.iterdir()):
        raise CheckpointError(f"{output}: not empty", "name a new folder")
    kind = kind_of(checkpoint)
    partial = output.with_name(f".{output.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        if kind == "whole" and dtype is None:
            _copy_plain(checkpoint, partial, weights=True)
        else:
            _copy_plain(checkpoint, partial, weights=False)
            adapter = _adapter(checkpoint)
            if kind == "whole":  # its experts stand one by one, and only loading puts them together
                load_network(checkpoint, dtype=dtype).to(dtype).save_pretrained(partial)
            elif kind == "part" or adapter is not None:
                network = _on_base(checkpoint, _STATES[kind](checkpoint), base, adapter)
                (network if dtype is None else network.to(dtype)).save_pretrained(partial)
            else:
                _save_state(checkpoint, _STATES[kind](checkpoint), partial, dtype)
        if output.exists():
            output.rmdir()
        partial.rename(output)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return output


def _copy_plain(checkpoint: Path, into: Path, weights: bool) -> None:
    """Tokenizer, configuration and code; with `weights`, these too. Nothing of the training or of adapters."""
    for file in [*checkpoint.glob(f"{NETWORK}/*"), *checkpoint.iterdir()]:
        apart = file.name in _OF_TRAINING or file.name.startswith(("rng_state", "adapter_", "README"))
        heavy = file.suffix in (".safetensors", ".bin", ".pt") or file.name.endswith(".index.json")
        if file.is_file() and not apart and (not heavy or (weights and file.name.startswith("model"))):
            shutil.copy2(file, into / file.name)


def _holds_weights(file: Path) -> bool:
    """Without gathered weights, ZeRO-3 leaves an adapter file with nothing in it."""
    if not file.exists():
        return False
    with safe_open(file, "pt") as opened:
        return bool(list(opened.keys()))


def _config(checkpoint: Path) -> PixelConfig:
    for folder in (checkpoint / NETWORK, checkpoint):
        if (folder / "config.json").exists():
            return PixelConfig.from_pretrained(folder)
    raise CheckpointError(f"{checkpoint}: no config.json of the network", "use a checkpoint of this version of Pixel")


def _zero_state(checkpoint: Path) -> dict[str, Tensor]:
    """Every parameter in float32, put together from DeepSpeed's shards."""
    try:
        from deepspeed.utils.zero_to_fp32 import get_fp32_state_dict_from_zero_checkpoint
    except ImportError as error:
        raise CheckpointError(
            f"{checkpoint}: made by DeepSpeed, which is not there", "pip install deepspeed"
        ) from error
    return get_fp32_state_dict_from_zero_checkpoint(str(checkpoint))


def _fsdp_state(checkpoint: Path) -> dict[str, Tensor]:
    """Every parameter, put together from the shards of torch.distributed.checkpoint."""
    from torch.distributed.checkpoint import FileSystemReader
    from torch.distributed.checkpoint.default_planner import _EmptyStateDictLoadPlanner
    from torch.distributed.checkpoint.state_dict_loader import _load_state_dict

    state: dict = {}
    folder = next(checkpoint.glob("pytorch_model_fsdp_*"))
    _load_state_dict(
        state, storage_reader=FileSystemReader(folder), planner=_EmptyStateDictLoadPlanner(), no_dist=True
    )
    return state.get("model", state)


def _head_state(checkpoint: Path) -> dict[str, Tensor]:
    return load_file(checkpoint / "model.safetensors")


def _adapter_state(checkpoint: Path) -> dict[str, Tensor]:
    return load_file(checkpoint / "adapter_model.safetensors")


_STATES = {"zero": _zero_state, "fsdp": _fsdp_state, "part": _head_state, "adapter": _adapter_state}


def _adapter(checkpoint: Path) -> PeftConfig | None:
    """Of the adapters that were trained, if any were."""
    for folder in (checkpoint, checkpoint / NETWORK):
        if (folder / "adapter_config.json").exists():
            return PeftConfig.from_pretrained(folder)
    return None


def _save_state(checkpoint: Path, state: dict[str, Tensor], into: Path, dtype: torch.dtype | None) -> None:
    """Write gathered weights under the names of the network, without building it."""
    config = _config(checkpoint)
    with torch.device("meta"):
        network = PixelForCausalLM(config)
    expected = network.state_dict()
    state = {name.removeprefix("module."): value for name, value in state.items()}
    tied = set(getattr(network, "all_tied_weights_keys", None) or ())
    _require(checkpoint, set(expected) - set(state) - tied)
    state = {name: value for name, value in state.items() if name in expected and name not in tied}
    if dtype is not None:
        state = {name: value.to(dtype) if value.is_floating_point() else value for name, value in state.items()}
        network.to(dtype)
    network.save_pretrained(into, state_dict=state)


def _on_base(
    checkpoint: Path, state: dict[str, Tensor], base: str | None, adapter: PeftConfig | None
) -> PixelForCausalLM:
    """The model that training started from, with what was trained put into it."""
    from pixel.training.embedded import smollm2

    base = base or (adapter.base_model_name_or_path if adapter is not None else None)
    if not base:
        raise CheckpointError(
            f"{checkpoint}: holds {'heads' if adapter is None else 'adapters'} alone",
            "name the model that training started from with --base (a folder, a Hub id or embedded:smollm2)",
        )
    config = _config(checkpoint)
    options = {name: getattr(config, name) for name in PIXEL_OPTIONS}
    folder = smollm2() if base == "embedded:smollm2" else base
    network = load_network(folder, dtype=config.dtype or torch.float32, **options)
    network.heads.float()
    network.pooling.float()
    state = {name.removeprefix("module."): value for name, value in state.items()}
    if adapter is None:
        heads = {n.removeprefix("heads."): value for n, value in state.items() if n.startswith("heads.")}
        network.heads.load_state_dict(heads)
        return network
    adapted = PeftModel(network, adapter)
    wanted = set(get_peft_model_state_dict(adapted))
    if not wanted & set(state):  # DeepSpeed names what it trains as it stands in memory, and not as in a file
        state = get_peft_model_state_dict(adapted, state_dict=state)
    _require(checkpoint, wanted - set(state))
    set_peft_model_state_dict(adapted, state)
    return adapted.merge_and_unload()


def _require(checkpoint: Path, missing: set[str]) -> None:
    """
    Raises:
        CheckpointError: a weight is nowhere in the checkpoint.
    """
    if missing:
        raise CheckpointError(
            f"{checkpoint}: {len(missing)} weights are not in it, e.g. {min(missing)}",
            "take another checkpoint of the run (recipes/checkpoints.py list)",
        )
