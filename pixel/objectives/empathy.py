"""Empathy objective: how strongly a reply carries EPITOME's mechanisms, in which dimensions, and how genuinely."""

from collections.abc import Mapping

from torch import Tensor

from pixel.objectives.field_losses import field_losses, field_names, weighted_sum

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

    Args:
        readouts: field -> raw logits; at least one of `EMPATHY_FIELDS`.
        batch: field -> labels.
        counts: field -> what to divide its sum by; `None`: this batch's own counts.
        weights: field -> weight, 1 where none is given.
        check: read labels back to check their range.

    Returns:
        `(loss, losses)`: scalar float32, and the unweighted loss of each field, graph kept.

    Raises:
        ValueError: a label is out of range; the message names field, value and position.

    Source: levels of the three mechanisms from Sharma et al., "A Computational Approach to Understanding Empathy
    Expressed in Text-Based Mental Health Support", EMNLP 2020.
    """
    losses = field_losses(EMPATHY_FIELDS, readouts, batch, counts, check)
    return weighted_sum(losses, weights), losses
