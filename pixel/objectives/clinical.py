"""Clinical objective: what a clinician would note about a turn, and how much risk it carries."""

from collections.abc import Mapping

from torch import Tensor

from pixel.objectives.distribution_calibration import CALIBRATION, objective_calibration
from pixel.objectives.field_losses import divide, field_losses, field_names, weighted_sum

CLINICAL_FIELDS = field_names("clinical")
"""DSM-5-TR categories, PDM-2 axes, attachment, defence, appropriateness, intervention, safety, risk."""


def clinical_objective(
    readouts: Mapping[str, Tensor],
    batch: Mapping[str, Tensor],
    counts: Mapping[str, Tensor] | None = None,
    weights: Mapping[str, float] | None = None,
    check: bool = True,
) -> tuple[Tensor, dict[str, Tensor]]:
    """
    Weighted sum of the mean losses of the clinical fields.

    | field | labels | loss |
    |---|---|---|
    | `dsm` (100), `pdm_syndrome` (12), `intervention` (20), `safety` (8) | float `[batch, turns, classes]`, NaN = \
unknown | `multilabel_loss` |
    | `pdm_capacities` (12), `appropriateness` (1) | float `[batch, turns, size]` in [0, 1] | `score_loss` |
    | `pdm_organisation` (4), `attachment` (4) | int `[batch, turns]`, -100 = unknown | `categorical_loss` |
    | `defence` (7 levels), `risk` (7 levels, C-SSRS-derived) | int `[batch, turns]` | `ordinal_loss` |
    | `clinical_calibration` (weight 0 unless given) | the labels above, over the batch | `objective_calibration` |

    Args:
        readouts: field -> raw logits; at least one of `CLINICAL_FIELDS`.
        batch: field -> labels.
        counts: field or term -> what to divide its sum by; `None`: this batch's own counts.
        weights: field or term -> weight; 1 for fields, 0 for `clinical_calibration`. Being missed and being
            wrongly raised do not cost the same for `risk` and `safety`: weight the fields here, and choose thresholds
            on held-out data.
        check: read labels back to check their range.

    Returns:
        `(loss, losses)`: scalar float32, and the unweighted loss of each field and term, graph kept.

    Raises:
        ValueError: a label is out of range; the message names field, value and position.
    """
    losses = field_losses(CLINICAL_FIELDS, readouts, batch, counts, check)
    if (weights or {}).get(CALIBRATION["clinical"], 0.0) > 0:
        total, count = objective_calibration(CLINICAL_FIELDS, readouts, batch)
        losses[CALIBRATION["clinical"]] = divide(total, count if counts is None else counts[CALIBRATION["clinical"]])
    return weighted_sum(losses, weights), losses
