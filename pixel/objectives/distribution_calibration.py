"""Calibration to people: over a batch, the model's answers are spread over the labels as people's answers are."""

from collections.abc import Iterable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from pixel.models.labels import FIELDS
from pixel.objectives.checks import known, labelled_turns, zero_like_loss

CALIBRATION = {name: f"{name}_calibration" for name in ("eq", "persona", "clinical", "empathy")}
"""Objective -> the name of its calibration term."""


def distribution_calibration_loss(kind: str, logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    r"""
    Squared distance between the batch's mean predicted and mean labelled distribution, times the labelled turns.

    .. math:: D = \sum_c \Big( \tfrac{1}{n_c} \sum_{t \in K_c} (p_{t,c} - y_{t,c}) \Big)^2

    where :math:`K_c` are the :math:`n_c` turns on which :math:`c` is known, and

    | kind | :math:`p_{t,c}` | :math:`y_{t,c}` | the distance is |
    |---|---|---|---|
    | `multilabel` | probability of class c | 0, 1 or share of raters | of prevalences, summed over classes |
    | `score` | value of dimension c | rating | of means, averaged over dimensions |
    | `categorical` | probability of class c | one-hot | quadratic, of class shares |
    | `ordinal` | probability of "at least level c" | 1 if the level is at least c | Cramer's, of cumulative shares |

    The fields' own losses judge each turn and are proper: fitted to the end, they leave no such distance on the data
    they were fitted to. Weights, regularisation, a shared trunk and stopping early leave one. This term sees a shift
    of the whole batch and nothing else; it does not know which turn gets which label and teaches nothing by itself.

    **Micro-batches.** A distance of means does not add up over micro-batches. Each weighs with its labelled turns, and
    since a square is convex the step's term is never below that of the whole batch; of n independent turns it expects
    the squared shift plus (variance of p - y) / n, so on one turn at a time it is a squared error a turn. Use batches
    of tens of labelled turns where it matters.

    Args:
        kind: of the field.
        logits (`Tensor`): float `[batch, turns, width]`.
        target (`Tensor`): float `[batch, turns, size]`, NaN = unknown, or int `[batch, turns]`, `IGNORE` = unknown.

    Returns:
        `(total, count)`: scalar float32 each, :math:`D` times the number of labelled turns (a dimension known on fewer
        turns weighs less), and that number.

    Source: matching a batch's mean prediction to known label shares is expectation regularisation (Mann & McCallum,
    ICML 2007), here with a squared distance and the batch's own labels as the shares; the sum of squared differences
    of cumulative shares is the squared earth mover's distance of Hou, Yu & Samaras, 2016 (arXiv 1611.05916).

    Example:
        >>> z, y = torch.full((1, 2, 2), 50.0), torch.tensor([[2, 0]])  # always says 2; people say 2 half of the time
        >>> [value.item() for value in distribution_calibration_loss("ordinal", z, y)]
        [1.0, 2.0]
    """
    z, judged = logits.float(), known(target)
    if kind == "categorical":
        wanted = F.one_hot(torch.where(judged, target, 0), z.size(-1)).float()
    elif kind == "ordinal":
        steps = torch.arange(1, z.size(-1) + 1, device=z.device)
        wanted = (target.unsqueeze(-1) >= steps).float()
    else:
        wanted = target.float()
    judged = judged if target.is_floating_point() else judged.unsqueeze(-1).expand_as(z)
    z = torch.where(judged, z, 0.0)
    said = z.softmax(-1) if kind == "categorical" else z.sigmoid()
    residual = torch.where(judged, said - wanted, 0.0)
    per_label = judged.flatten(0, 1).sum(0)  # [labels]
    shift = residual.flatten(0, 1).sum(0) / per_label.clamp(min=1)
    total = (per_label * shift.square()).sum()
    count = labelled_turns(target).sum().float()
    if kind == "score":
        total = total * count / per_label.sum().clamp(min=1)
    return total, count


def calibration_count(fields: Iterable[str], batch: Mapping[str, Tensor]) -> Tensor | float:
    """Labelled turns of several fields, a turn counted once a field."""
    return sum((labelled_turns(batch[name]).sum().float() for name in fields if batch.get(name) is not None), 0.0)


def objective_calibration(
    fields: Iterable[str], readouts: Mapping[str, Tensor], batch: Mapping[str, Tensor]
) -> tuple[Tensor, Tensor]:
    """
    The term of one objective: its fields' distances, each weighing as many times as it has labelled turns.

    Weighing by turns, and not a field like a field, keeps one with a handful of labels, whose distance is mostly
    noise, from drowning the others.

    Args:
        fields: of the objective.
        readouts: field -> logits; at least one of `fields`.
        batch: field -> labels; fields without are passed over.

    Returns:
        `(total, count)`: summed over fields. The count includes labelled fields that have no head, as that of
        `label_counts` does.
    """
    fields = list(fields)
    present = [name for name in fields if name in readouts]
    total = torch.stack([zero_like_loss(readouts[name]) for name in present]).sum()
    for name in present:
        if batch.get(name) is not None:
            total = total + distribution_calibration_loss(FIELDS[name].kind, readouts[name], batch[name])[0]
    return total, torch.as_tensor(calibration_count(fields, batch), device=total.device)
