"""Persona objective: which mode a turn calls for, in which context, and when to switch."""

from collections.abc import Mapping

from torch import Tensor

from pixel.objectives.field_losses import divide, field_losses, field_names, weighted_sum
from pixel.objectives.smoothness import SMOOTHNESS, smoothness_loss, steady_pairs

PERSONA_FIELDS = field_names("persona")
"""`persona_mode` (3), `persona_context` (8), `persona_trigger` (7), `persona_switch`."""


def persona_objective(
    readouts: Mapping[str, Tensor],
    batch: Mapping[str, Tensor],
    counts: Mapping[str, Tensor] | None = None,
    weights: Mapping[str, float] | None = None,
    check: bool = True,
) -> tuple[Tensor, dict[str, Tensor]]:
    """
    Weighted sum of the mean losses of the persona fields.

    | field | labels | loss |
    |---|---|---|
    | `persona_mode`, `persona_context`, `persona_trigger` | int `[batch, turns]`, -100: unknown | `categorical_loss` |
    | `persona_switch` | float `[batch, turns, 1]` in [0, 1], NaN = unknown | `score_loss` |
    | `persona_smoothness` (weight 0 unless given) | `turn_mask`, and the labels above | `smoothness_loss` |

    Args:
        readouts: field -> raw logits; at least one of `PERSONA_FIELDS`.
        batch: field -> labels.
        counts: field or term -> what to divide its sum by; `None`: this batch's own counts.
        weights: field or term -> weight; 1 for fields, 0 for `persona_smoothness`.
        check: read labels back to check their range.

    Returns:
        `(loss, losses)`: scalar float32, and the unweighted loss of each field and term, graph kept.

    Raises:
        ValueError: a label is out of range; the message names field, value and position.
    """
    losses = field_losses(PERSONA_FIELDS, readouts, batch, counts, check)
    if (weights or {}).get(SMOOTHNESS, 0.0) > 0 and "persona_mode" in readouts:
        total, count = smoothness_loss(readouts["persona_mode"], steady_pairs(batch))
        losses[SMOOTHNESS] = divide(total, count if counts is None else counts[SMOOTHNESS])
    return weighted_sum(losses, weights), losses
