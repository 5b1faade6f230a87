"""Ways to train whose throughput is compared: Pixel's defaults, each of its optimisations away, and TRL's own ways."""

from dataclasses import dataclass, field, replace
from typing import Any

import torch


@dataclass(frozen=True)
class Variant:
    """
    Attributes:
        name: in tables.
        what: in words.
        ours: `PixelTrainer` with all heads, or TRL's `SFTTrainer` on the plain backbone.
        packed: rows of several conversations (Pixel's or TRL's own packing), or one a row, padded.
        sorted: conversations of like length stand together (TRL's `train_sampling_strategy: group_by_length`).
        dtype: of the trunk; `None`: what the machine does fastest.
        flush: denormals become zero.
        options: of the trainer's arguments.
    """

    name: str
    what: str
    ours: bool = True
    packed: bool = True
    sorted: bool = False
    dtype: torch.dtype | None = None
    flush: bool = True
    options: dict[str, Any] = field(default_factory=dict)


PIXEL = Variant("pixel", "Pixel's defaults: packed, attention by document, chunked loss, fused AdamW, UPGrad")


def _without(name: str, what: str, options: dict[str, Any] | None = None, **changes) -> Variant:
    return replace(PIXEL, name=name, what=what, options=options or {}, **changes)


TRL = (
    Variant("trl", "TRL's defaults: a padded row a conversation", ours=False, packed=False),
    Variant("trl_grouped", "TRL, rows of like length together", ours=False, packed=False, sorted=True),
    Variant("trl_packed", "TRL's best-fit packing, one row after the other", ours=False),
)

ABLATIONS = (
    _without("no_document_attention", "packed rows under one masked SDPA call", {"document_attention": "never"}),
    _without("no_packing", "a padded row a conversation, attention by document", packed=False),
    _without("neither", "a padded row a conversation, masked SDPA", {"document_attention": "never"}, packed=False),
    _without("no_chunked_loss", "all logits at once", {"loss_type": "nll"}),
    _without("no_fused_optimizer", "AdamW weight by weight", {"optim": "adamw_torch"}),
    _without("float32", "trunk in float32", dtype=torch.float32),
    _without("denormals", "denormals kept", flush=False),
    _without("no_upgrad", "losses summed, conflicts not watched", {"weighting": "sum", "monitor_conflicts": False}),
)
VARIANTS = {variant.name: variant for variant in (PIXEL, *TRL, *ABLATIONS)}
