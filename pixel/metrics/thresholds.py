"""Thresholds: from which probability on a label counts as present, chosen per label on a fit set."""

import numpy as np
from numpy.typing import ArrayLike

EDGE = 1e-4
"""Probabilities are clipped to `[EDGE, 1 - EDGE]` before they are compared on the logit scale."""


def fit_thresholds(
    probabilities: ArrayLike, targets: ArrayLike, strength: float = 10.0, default: float = 0.5
) -> list[float]:
    r"""
    The threshold of each label that maximises its F1, drawn towards a common one where the label is rare.

    .. math:: \mathrm{logit}\, t_c = \frac{n_c \, \mathrm{logit}\, t^*_c + s \, \mathrm{logit}\, t^*}{n_c + s}

    where :math:`t^*_c` maximises the F1 of label :math:`c`, :math:`t^*` the F1 of all labels pooled, :math:`n_c` is
    the number of positives and :math:`s` the `strength`: the positives at which a label's own optimum and the common
    one weigh the same. A label's optimum from a handful of positives is mostly noise.

    Fit on data that is neither trained on nor reported.

    Args:
        probabilities: float `[turns, labels]` in [0, 1].
        targets: float `[turns, labels]` in [0, 1] (present from 0.5), NaN where unknown.
        strength: at least 0; 0 keeps each label's own optimum.
        default: threshold where nothing is known at all.

    Returns:
        `list[float]`: one a label, in (0, 1), to be kept in the model's config.

    Raises:
        ValueError: shapes differ.

    Source: per-label F1 thresholds after Lipton et al., "Optimal Thresholding of Classifiers to Maximize F1
    Measure", 2014. The shrinkage is ours.
    """
    probabilities, targets = np.asarray(probabilities, dtype=float), np.asarray(targets, dtype=float)
    if probabilities.shape != targets.shape or targets.ndim != 2:
        raise ValueError(f"probabilities are {probabilities.shape}, targets {targets.shape}; both [turns, labels]")
    known = ~np.isnan(targets)
    present = np.nan_to_num(targets) >= 0.5
    common = best_threshold(probabilities[known], present[known])
    common = default if common is None else common
    fitted = []
    for label in range(targets.shape[1]):
        rows = known[:, label]
        own = best_threshold(probabilities[rows, label], present[rows, label])
        positives = int(present[rows, label].sum())
        if own is None or positives + strength == 0:
            fitted.append(round(float(common), 4))
            continue
        mixed = (positives * _logit(own) + strength * _logit(common)) / (positives + strength)
        fitted.append(round(float(1.0 / (1.0 + np.exp(-mixed))), 4))
    return fitted


def best_threshold(probabilities: np.ndarray, present: np.ndarray) -> float | None:
    """
    The threshold with the highest F1, halfway to the next lower probability so that it does not hang on one turn.

    Args:
        probabilities: float `[turns]`.
        present: bool `[turns]`.

    Returns:
        `float` in [0, 1], or `None` where there is no positive or no negative turn.
    """
    from sklearn.metrics import precision_recall_curve

    if not present.any() or present.all():
        return None
    precision, recall, thresholds = precision_recall_curve(present, probabilities)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    best = int(f1[:-1].argmax())
    return float(thresholds[best] if best == 0 else (thresholds[best] + thresholds[best - 1]) / 2)


def _logit(probability: float) -> float:
    clipped = min(max(probability, EDGE), 1.0 - EDGE)
    return float(np.log(clipped / (1.0 - clipped)))
