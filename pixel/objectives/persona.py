"""Persona objective: which mode a turn calls for, in which context, and when to switch."""

from collections.abc import Mapping

from torch import Tensor

from pixel.objectives.distribution_calibration import CALIBRATION, objective_calibration
from pixel.objectives.field_losses import divide, field_losses, field_names, weighted_sum
from pixel.objectives.persona_consistency import PERSONA_CONSISTENCY, persona_consistency_loss
from pixel.objectives.smooth_transition import SMOOTH_TRANSITION, smooth_transition_loss, switch_windows
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
    | `persona_smoothness` (*) | `turn_mask`, and the labels above | `smoothness_loss` |
    | `persona_consistency` (*) | as before | `persona_consistency_loss` |
    | `smooth_transition` (*) | as before | `smooth_transition_loss` |
    | `persona_calibration` (*) | the labels above, over the batch | `objective_calibration` |

    (*) weight 0 unless given.

    Args:
        readouts: field -> raw logits; at least one of `PERSONA_FIELDS`.
        batch: field -> labels.
        counts: field or term -> what to divide its sum by; `None`: this batch's own counts.
        weights: field or term -> weight; 1 for fields, 0 for terms.
        check: read labels back to check their range.

    Returns:
        `(loss, losses)`: scalar float32, and the unweighted loss of each field and term, graph kept.

    Raises:
        ValueError: a label is out of range; the message names field, value and position.
    """
    losses = field_losses(PERSONA_FIELDS, readouts, batch, counts, check)
    terms = {}
    wanted = {name for name, weight in (weights or {}).items() if weight > 0}
    if (mode := readouts.get("persona_mode")) is not None:
        if SMOOTHNESS in wanted:
            terms[SMOOTHNESS] = smoothness_loss(mode, steady_pairs(batch))
        if PERSONA_CONSISTENCY in wanted:
            terms[PERSONA_CONSISTENCY] = persona_consistency_loss(mode, batch["turn_mask"], steady_pairs(batch))
        if SMOOTH_TRANSITION in wanted:
            terms[SMOOTH_TRANSITION] = smooth_transition_loss(mode, switch_windows(batch))
    if CALIBRATION["persona"] in wanted:
        terms[CALIBRATION["persona"]] = objective_calibration(PERSONA_FIELDS, readouts, batch)
    for name, (total, count) in terms.items():
        losses[name] = divide(total, count if counts is None else counts[name])
    return weighted_sum(losses, weights), losses
