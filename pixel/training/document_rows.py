"""Whether a trainer's rows are attended to conversation by conversation."""

import torch

from pixel.models.document_attention import BACKBONES, attend_by_document, can_attend_by_document
from pixel.training.arguments import SettingError


def use_document_attention(trainer) -> bool:
    """
    Set up what `args.document_attention` says: `auto` on a CPU, where it was measured to pay, if the backbone allows.

    Args:
        trainer: a `PixelTrainer`, set up.

    Returns:
        whether it is on.

    Raises:
        SettingError: `always`, and the backbone or the way of training does not allow it.
    """
    wish, backbone = trainer.args.document_attention, trainer.pixel.model
    device = trainer.accelerator.device.type
    half = next(backbone.parameters()).dtype != torch.float32 or trainer.accelerator.native_amp
    reason = None
    if not can_attend_by_document(backbone):
        reason = f"it needs {', '.join(BACKBONES)}, SDPA, full attention in every layer and no attention dropout"
    elif _splits_rows(trainer.accelerator):
        reason = "context parallelism cuts conversations apart"
    elif trainer.args.torch_compile:
        reason = "torch_compile would compile anew for every packing"
    elif device == "cuda" and not half:
        reason = "the kernel on CUDA takes 16-bit floats"
    if wish == "always" and reason is not None:
        raise SettingError(f"document_attention always: {reason}. Mend: document_attention auto, or change that")
    on = reason is None and (wish == "always" or (wish == "auto" and device == "cpu"))
    if on:
        attend_by_document(backbone)
    return on


def _splits_rows(accelerator) -> bool:
    parallel = getattr(accelerator, "parallelism_config", None)
    return parallel is not None and (getattr(parallel, "cp_size", 1) > 1 or getattr(parallel, "sp_size", 1) > 1)
