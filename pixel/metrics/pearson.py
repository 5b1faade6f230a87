"""Pearson's r: whether predicted and rated scores rise and fall together, whatever their scale and offset."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, too_few, undefined


def pearson(targets: ArrayLike, predictions: ArrayLike) -> Measure:
    """
    Linear correlation of ratings and predictions.

    Args:
        targets: float `[turns]`, NaN where nobody rated the turn.
        predictions: float `[turns]`.

    Returns:
        `Measure` in [-1, 1]; undefined below two rated turns, or where ratings or predictions do not vary.
    """
    from scipy.stats import pearsonr

    targets, predictions = np.asarray(targets, dtype=float), np.asarray(predictions, dtype=float)
    rated = ~np.isnan(targets)
    targets, predictions = targets[rated], predictions[rated]
    if (few := too_few(len(targets))) is not None:
        return few
    for name, values in (("ratings", targets), ("predictions", predictions)):
        if np.ptp(values) <= 1e-9:
            return undefined(f"the {name} are all the same")
    return defined(pearsonr(targets, predictions).statistic)
