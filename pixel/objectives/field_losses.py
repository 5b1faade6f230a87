"""From label fields to losses: which loss belongs to which kind, and how fields are averaged and summed."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from pixel.models.labels import FIELDS
from pixel.objectives.categorical import categorical_loss
from pixel.objectives.checks import zero_like_loss
from pixel.objectives.multilabel import multilabel_loss
from pixel.objectives.ordinal import ordinal_loss
from pixel.objectives.score import score_loss

LOSSES = {
    "multilabel": multilabel_loss,
    "score": score_loss,
    "categorical": categorical_loss,
    "ordinal": ordinal_loss,
}
"""The loss of each kind of field."""


def field_names(objective: str) -> tuple[str, ...]:
    """The label fields of one objective, in the order of `FIELDS`."""
    return tuple(name for name, field in FIELDS.items() if field.objective == objective)


def divide(total: Tensor, count: Tensor) -> Tensor:
    """Mean loss `total / count`; `total` itself (a differentiable zero) where `count` is 0. No synchronisation."""
    return total / count.to(total).clamp(min=1.0)


def field_losses(
    names: Iterable[str],
    readouts: Mapping[str, Tensor],
    batch: Mapping[str, Tensor],
    counts: Mapping[str, Tensor] | None = None,
    check: bool = True,
) -> dict[str, Tensor]:
    """
    The mean loss of each field that the model reads out.

    Args:
        names: label fields.
        readouts: field -> raw logits, float `[batch, turns, field.logits]`. A field without a head is absent here and
            from the answer.
        batch: field -> labels (see `pixel.objectives.combined`). A field nobody labelled is absent and costs a
            differentiable zero.
        counts: field -> number of labelled turns to divide by, over all micro-batches and ranks of the step;
            `None`: those of this batch.
        check: read labels back to check their range.

    Returns:
        `dict`: field -> scalar float32, graph kept.

    Raises:
        ValueError: a label is out of range or misshapen; the message begins with the field's name.
    """
    losses = {}
    for name in names:
        if name not in readouts:
            continue
        logits, target = readouts[name], batch.get(name)
        if target is None:
            losses[name] = zero_like_loss(logits)
            continue
        try:
            total, count = LOSSES[FIELDS[name].kind](logits, target, check=check)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        losses[name] = divide(total, count if counts is None else torch.as_tensor(counts[name]))
    return losses


def weighted_sum(losses: Mapping[str, Tensor], weights: Mapping[str, float] | None = None) -> Tensor:
    """
    Sum of losses, each times its weight (1 where none is given).

    Args:
        losses: name -> scalar; at least one.
        weights: name -> weight, at least 0. Other names are passed over.

    Returns:
        `Tensor`: scalar float32, graph kept into every loss, also those of weight 0.
    """
    return torch.stack([loss * (weights or {}).get(name, 1.0) for name, loss in losses.items()]).sum()
