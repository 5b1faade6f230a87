"""Accuracy: the share of turns answered right. Beside a majority baseline, or it says little."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, too_few


def accuracy(targets: ArrayLike, predictions: ArrayLike) -> Measure:
    """
    Share of equal answers.

    Args:
        targets: int `[turns]`, class ids.
        predictions: int `[turns]`.

    Returns:
        `Measure` in [0, 1]; undefined below two turns.
    """
    from sklearn.metrics import accuracy_score

    if (few := too_few(len(np.asarray(targets)))) is not None:
        return few
    return defined(accuracy_score(np.asarray(targets), np.asarray(predictions)))
