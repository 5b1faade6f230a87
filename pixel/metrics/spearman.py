"""Spearman's rho: whether predictions put items in the order people put them, whatever the spacing."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure
from pixel.metrics.pearson import pearson


def spearman(targets: ArrayLike, predictions: ArrayLike) -> Measure:
    """
    Pearson's r of the ranks; ties share their mean rank.

    Args:
        targets: float `[turns]`, NaN where nobody rated the turn.
        predictions: float `[turns]`.

    Returns:
        `Measure` in [-1, 1]; undefined below two rated turns, or where ratings or predictions do not vary.

    Source: Spearman, "The proof and measurement of association between two things", 1904.
    """
    from scipy.stats import rankdata

    targets, predictions = np.asarray(targets, dtype=float), np.asarray(predictions, dtype=float)
    rated = ~np.isnan(targets)
    return pearson(rankdata(targets[rated]), rankdata(predictions[rated]))
