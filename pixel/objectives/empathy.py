"""Empathy objective: how strongly a reply carries EPITOME's mechanisms, in which dimensions, and how genuinely."""

from collections.abc import Mapping

import torch
from torch import Tensor

from pixel.objectives.distribution_calibration import CALIBRATION, objective_calibration
from pixel.objectives.field_losses import divide, field_losses, field_names, weighted_sum
from pixel.objectives.genuine_contrast import GENUINE_CONTRAST, genuine_contrast_loss

EMPATHY_FIELDS = field_names("empathy")
"""`emotional_reactions`, `interpretations`, `explorations`, `empathy_dimensions`, `genuine`, `empathy_stage`."""


def empathy_objective(
    readouts: Mapping[str, Tensor],
    batch: Mapping[str, Tensor],
    counts: Mapping[str, Tensor] | None = None,
    weights: Mapping[str, float] | None = None,
    check: bool = True,
) -> tuple[Tensor, dict[str, Tensor]]:
    """
    Weighted sum of the mean losses of the empathy fields.

    | field | labels | loss |
    |---|---|---|
    | `emotional_reactions`, `interpretations`, `explorations` | int `[batch, turns]` in 0-2, -100 = unknown | \
`ordinal_loss` |
    | `empathy_dimensions` (6), `genuine` (1) | float `[batch, turns, size]` in [0, 1], NaN = unknown | `score_loss` |
    | `empathy_stage` (5 levels) | int `[batch, turns]` | `ordinal_loss` |
    | `genuine_contrast` (weight 0 unless given) | `genuine`, over the batch | `genuine_contrast_loss` |
    | `empathy_calibration` (weight 0 unless given) | the labels above, over the batch | `objective_calibration` |

    Args:
        readouts: field -> raw logits; at least one of `EMPATHY_FIELDS`.
        batch: field -> labels.
        counts: field or term -> what to divide its sum by; `None`: this batch's own counts.
        weights: field or term -> weight; 1 for fields, 0 for terms.
        check: read labels back to check their range.

    Returns:
        `(loss, losses)`: scalar float32, and the unweighted loss of each field and term, graph kept.

    Raises:
        ValueError: a label is out of range; the message names field, value and position.

    Source: levels of the three mechanisms from Sharma et al., "A Computational Approach to Understanding Empathy
    Expressed in Text-Based Mental Health Support", EMNLP 2020.
    """
    losses = field_losses(EMPATHY_FIELDS, readouts, batch, counts, check)
    if (weights or {}).get(GENUINE_CONTRAST, 0.0) > 0 and "genuine" in readouts:
        target = batch.get("genuine")
        target = torch.full_like(readouts["genuine"], torch.nan) if target is None else target
        total, count = genuine_contrast_loss(readouts["genuine"], target)
        losses[GENUINE_CONTRAST] = divide(total, count if counts is None else counts[GENUINE_CONTRAST])
    if (weights or {}).get(CALIBRATION["empathy"], 0.0) > 0:
        total, count = objective_calibration(EMPATHY_FIELDS, readouts, batch)
        losses[CALIBRATION["empathy"]] = divide(total, count if counts is None else counts[CALIBRATION["empathy"]])
    return weighted_sum(losses, weights), losses
