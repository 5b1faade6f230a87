"""Clinical objective: what a clinician would note about a turn, and how much risk it carries."""

from collections.abc import Mapping

from torch import Tensor

from pixel.objectives.field_losses import field_losses, field_names, weighted_sum

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

    Args:
        readouts: field -> raw logits; at least one of `CLINICAL_FIELDS`.
        batch: field -> labels.
        counts: field -> what to divide its sum by; `None`: this batch's own counts.
        weights: field -> weight, 1 where none is given. Being missed and being wrongly raised do not cost the same
            for `risk` and `safety`: weight the fields here, and choose thresholds on held-out data.
        check: read labels back to check their range.

    Returns:
        `(loss, losses)`: scalar float32, and the unweighted loss of each field, graph kept.

    Raises:
        ValueError: a label is out of range; the message names field, value and position.
    """
    losses = field_losses(CLINICAL_FIELDS, readouts, batch, counts, check)
    return weighted_sum(losses, weights), losses
