"""EQ objective: what is felt on a turn, and how skilfully it is handled."""

from collections.abc import Mapping

from torch import Tensor

from pixel.objectives.distribution_calibration import CALIBRATION, objective_calibration
from pixel.objectives.emotional_consistency import (
    EMOTIONAL_CONSISTENCY,
    emotional_consistency_loss,
    previous_own_turn,
)
from pixel.objectives.field_losses import divide, field_losses, field_names, weighted_sum

EQ_FIELDS = field_names("eq")
"""`emotion` (28 GoEmotions labels), `vad`, `distress`, `eq` (five domains), `eq_total`."""


def eq_objective(
    readouts: Mapping[str, Tensor],
    batch: Mapping[str, Tensor],
    counts: Mapping[str, Tensor] | None = None,
    weights: Mapping[str, float] | None = None,
    check: bool = True,
) -> tuple[Tensor, dict[str, Tensor]]:
    """
    Weighted sum of the mean losses of the EQ fields.

    | field | labels | loss |
    |---|---|---|
    | `emotion` | float `[batch, turns, 28]`, NaN = unknown | `multilabel_loss` |
    | `vad` | float `[batch, turns, 3]` in [0, 1] | `score_loss` |
    | `distress`, `eq_total` | float `[batch, turns, 1]` in [0, 1] | `score_loss` |
    | `eq` | float `[batch, turns, 5]` in [0, 1] | `score_loss` |
    | `emotional_consistency` (weight 0 unless given) | `turn_mask`, `turn_roles` if any | see its file |
    | `eq_calibration` (weight 0 unless given) | the labels above, over the batch | `objective_calibration` |

    `eq_total` needs no consistency term: the head computes it as a weighted mean of the five domains.

    Args:
        readouts: field -> raw logits; at least one of `EQ_FIELDS`.
        batch: field -> labels.
        counts: field or term -> what to divide its sum by; `None`: this batch's own counts.
        weights: field or term -> weight; 1 for fields, 0 for terms.
        check: read labels back to check their range.

    Returns:
        `(loss, losses)`: scalar float32, and the unweighted loss of each field and term, graph kept.

    Raises:
        ValueError: a label is out of range; the message names field, value and position.
    """
    losses = field_losses(EQ_FIELDS, readouts, batch, counts, check)
    if (weights or {}).get(EMOTIONAL_CONSISTENCY, 0.0) > 0 and "vad" in readouts:
        total, count = emotional_consistency_loss(readouts["vad"], previous_own_turn(batch), batch.get("vad"))
        losses[EMOTIONAL_CONSISTENCY] = divide(total, count if counts is None else counts[EMOTIONAL_CONSISTENCY])
    if (weights or {}).get(CALIBRATION["eq"], 0.0) > 0:
        total, count = objective_calibration(EQ_FIELDS, readouts, batch)
        losses[CALIBRATION["eq"]] = divide(total, count if counts is None else counts[CALIBRATION["eq"]])
    return weighted_sum(losses, weights), losses
