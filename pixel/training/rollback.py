"""Weights that were approved: kept apart from the checkpoints that come and go, and put back in place."""

import os
import shutil
from pathlib import Path

KEPT = ("*.safetensors", "*.safetensors.index.json", "config.json", "adapter_config.json")


class RollbackError(RuntimeError):
    """Weights that cannot be put back; says why and how to go on by hand."""


def keep_weights(checkpoint: str | Path, into: str | Path) -> Path:
    """
    Copy a checkpoint's weights (not its optimizer) to a folder, in the place of what was kept there before.

    Copied and not linked: a resumed run writes the same checkpoint again, into the same file.

    Returns:
        the folder.

    Raises:
        RollbackError: the checkpoint is gone or has no safetensors.
    """
    checkpoint, into = Path(checkpoint), Path(into)
    files = sorted(file for pattern in KEPT for file in checkpoint.glob(pattern))
    if not any(file.suffix == ".safetensors" for file in files):
        raise RollbackError(f"{checkpoint}: no safetensors to keep. Mend: keep more checkpoints (save_total_limit)")
    partial, old = into.with_name(f"{into.name}.partial"), into.with_name(f"{into.name}.old")
    for left in (partial, old):
        shutil.rmtree(left, ignore_errors=True)
    partial.mkdir(parents=True)
    for file in files:
        shutil.copy2(file, partial / file.name)
    if into.exists():
        os.replace(into, old)
    os.replace(partial, into)
    shutil.rmtree(old, ignore_errors=True)
    return into


def restore_weights(trainer, folder: str | Path) -> None:
    """
    Load a folder's weights (whole model, or adapters with the heads) into the network that is being trained, in place.

    The optimizer's moments are dropped: they would carry the network the way that was just refused. The learning-rate
    schedule, the count of steps, the order of the data and the balancer's averages go on. Every process loads the
    folder itself.

    Args:
        trainer: a transformers trainer, in training or not.
        folder: as a checkpoint holds it.

    Raises:
        RollbackError: nothing there, damaged, of another shape, or a trainer whose weights are sharded.
    """
    mend = f"Mend: start again with resume_from_checkpoint at {folder}"
    if trainer.is_deepspeed_enabled or trainer.is_fsdp_enabled:
        sharded = "sharded weights cannot be put back while training goes on"
        raise RollbackError(f"{sharded}. {mend}, or call trainer.roll_back_to(step), which ends the run for that")
    if not any(Path(folder).glob("*.safetensors")):
        raise RollbackError(f"{folder}: there are no weights. Mend: start again from a checkpoint you trust")
    try:
        trainer._load_from_checkpoint(str(folder))  # the road of a resume, so that both end with the same weights
    except Exception as error:  # safetensors, torch and peft each raise their own
        raise RollbackError(f"{folder}: {type(error).__name__}: {str(error).splitlines()[0][:200]}. {mend}") from error
    optimizer = trainer.optimizer
    if optimizer is not None:
        getattr(optimizer, "optimizer", optimizer).state.clear()
