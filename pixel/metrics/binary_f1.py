"""Binary F1: how well one yes-or-no question finds its positives."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, too_few, undefined


def binary_f1(targets: ArrayLike, predictions: ArrayLike) -> Measure:
    r"""
    Harmonic mean of precision and recall of the positive class.

    .. math:: \frac{2\,TP}{2\,TP + FP + FN}

    Args:
        targets: bool `[turns]`.
        predictions: bool `[turns]`.

    Returns:
        `Measure` in [0, 1]; undefined below two turns or where the targets hold one class only.
    """
    from sklearn.metrics import f1_score

    targets, predictions = np.asarray(targets, dtype=bool), np.asarray(predictions, dtype=bool)
    if (few := too_few(len(targets))) is not None:
        return few
    if targets.all() or not targets.any():
        return undefined("the targets hold one class only")
    return defined(f1_score(targets, predictions, zero_division=0))
