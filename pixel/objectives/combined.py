"""
All objectives of a batch at once, normalised so that the way a batch is cut up does not matter.

The batch contract. For every field of `pixel.models.labels.FIELDS`, `batch[field]` is absent or

- float `[batch, turns, field.size]` in [0, 1], NaN = unknown (`multilabel`, `score`);
- int64 `[batch, turns]`, -100 = unknown (`categorical`, `ordinal`);

and `readouts[field]` is absent (no such head) or the raw logits, float `[batch, turns, field.logits]`.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from pixel.models.labels import FIELDS
from pixel.objectives.checks import labelled_turns
from pixel.objectives.clinical import CLINICAL_FIELDS, clinical_objective
from pixel.objectives.distribution_calibration import CALIBRATION, calibration_count
from pixel.objectives.emotional_consistency import EMOTIONAL_CONSISTENCY, previous_own_turn
from pixel.objectives.empathy import EMPATHY_FIELDS, empathy_objective
from pixel.objectives.eq import EQ_FIELDS, eq_objective
from pixel.objectives.genuine_contrast import GENUINE_CONTRAST, genuine_pairs
from pixel.objectives.persona import PERSONA_FIELDS, persona_objective
from pixel.objectives.persona_consistency import PERSONA_CONSISTENCY, stretches
from pixel.objectives.smooth_transition import SMOOTH_TRANSITION, switch_windows
from pixel.objectives.smoothness import SMOOTHNESS, steady_pairs

READOUT_OBJECTIVES = {
    "eq": (eq_objective, EQ_FIELDS),
    "persona": (persona_objective, PERSONA_FIELDS),
    "clinical": (clinical_objective, CLINICAL_FIELDS),
    "empathy": (empathy_objective, EMPATHY_FIELDS),
}
"""Objective -> its function and its fields. `language` is not here: its loss comes with the language model."""

ROW_TERMS = (EMOTIONAL_CONSISTENCY, SMOOTHNESS, PERSONA_CONSISTENCY, SMOOTH_TRANSITION)
"""Terms about the turns of one conversation: they add up over micro-batches as the fields do."""

BATCH_TERMS = (GENUINE_CONTRAST, *CALIBRATION.values())
"""Terms about a batch: cutting a step into micro-batches changes them (how, is said in their files)."""

TERMS = (*ROW_TERMS, *BATCH_TERMS)
"""Terms that have a weight like a field; 0 unless given."""


def label_counts(batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """
    Number of labelled turns of each field, and of turns, windows or pairs each term looks at.

    Sum the answers over the micro-batches and ranks of one optimiser step before handing them to `objective_losses`.

    Args:
        batch: field -> labels, plus `turn_mask` int `[batch, turns]` (without it the terms about turns count 0).

    Returns:
        `dict`: every field and term -> scalar float32. Always the same keys in the same order, so that
        `torch.stack(list(counts.values()))` can be all-reduced whatever each rank holds.
    """
    device = next((value.device for value in batch.values() if isinstance(value, Tensor)), None)
    counts = {name: torch.zeros((), device=device) for name in (*FIELDS, *TERMS)}
    for name in FIELDS:
        if batch.get(name) is not None:
            counts[name] = labelled_turns(batch[name]).sum().float()
    if batch.get("turn_mask") is not None:
        counts[EMOTIONAL_CONSISTENCY] = (previous_own_turn(batch) >= 0).sum().float()
        pairs = steady_pairs(batch)
        counts[SMOOTHNESS] = pairs.sum().float()
        counts[PERSONA_CONSISTENCY] = (stretches(batch["turn_mask"], pairs)[1] >= 2).sum().float()
        counts[SMOOTH_TRANSITION] = switch_windows(batch).sum().float()
    if batch.get("genuine") is not None:
        counts[GENUINE_CONTRAST] = genuine_pairs(batch["genuine"])
    for objective, term in CALIBRATION.items():
        counts[term] = counts[term] + calibration_count(READOUT_OBJECTIVES[objective][1], batch)
    return counts


def objective_losses(
    readouts: Mapping[str, Tensor],
    batch: Mapping[str, Tensor],
    counts: Mapping[str, Tensor] | None = None,
    field_weights: Mapping[str, float] | None = None,
    check: bool = False,
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    r"""
    The loss of each objective that the model has a head for.

    .. math:: L_o = \sum_{f \in o} w_f \, \frac{T_f}{n_f}

    where :math:`T_f` is the loss of field :math:`f` summed over the labelled turns of this micro-batch and
    :math:`n_f = ` `counts[f]` the labelled turns of the whole optimiser step. Adding up the answers of all
    micro-batches and ranks therefore gives the mean over labelled turns, however the step is cut up: a trainer that
    averages over ranks or accumulation steps multiplies by their number first. `BATCH_TERMS` are the exception: each
    micro-batch brings its own pairs or its own distance, weighed by their number or by its labelled turns.

    Args:
        readouts: field -> raw logits `[batch, turns, field.logits]`.
        batch: field -> labels; keys that are no field are passed over.
        counts: as `label_counts`, summed over micro-batches and ranks; `None`: this batch alone.
        field_weights: field or term -> weight, at least 0; 1 for fields, 0 for terms.
        check: read labels back to check their range. Off: `pixel.data` has checked them.

    Returns:
        `(objectives, components)`: objective -> scalar float32 with its graph (a differentiable zero over all its
        read-outs where nothing is labelled), and field or term -> its unweighted loss, detached.

    Raises:
        ValueError: a weight has an unknown name or is negative; with `check`, a label is out of range.

    Example:
        >>> readouts = {"risk": torch.zeros(1, 1, 6, requires_grad=True)}
        >>> objectives, components = objective_losses(readouts, {"risk": torch.tensor([[4]])})
        >>> {name: round(loss.item(), 4) for name, loss in objectives.items()}
        {'clinical': 4.1589}
    """
    for name, weight in (field_weights or {}).items():
        if name not in FIELDS and name not in TERMS:
            raise ValueError(f"no field or term is called {name!r}; use one of: {', '.join((*FIELDS, *TERMS))}")
        if weight < 0:
            raise ValueError(f"the weight of {name} is {weight}; weights are at least 0")
    objectives, components = {}, {}
    for objective, (function, fields) in READOUT_OBJECTIVES.items():
        if any(name in readouts for name in fields):
            objectives[objective], losses = function(readouts, batch, counts, field_weights, check)
            components |= {name: loss.detach() for name, loss in losses.items()}
    return objectives, components
