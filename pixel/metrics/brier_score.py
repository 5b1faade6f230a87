"""Brier score: the mean squared distance between a stated probability and what turned out to be true."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, too_few


def brier_score(targets: ArrayLike, probabilities: ArrayLike) -> Measure:
    r"""
    Mean squared error of probabilities. Lower is better; always saying 0.5 scores 0.25.

    .. math:: \frac{1}{n} \sum_i (p_i - y_i)^2

    Args:
        targets: bool `[turns]`, whether it was so.
        probabilities: float `[turns]` in [0, 1].

    Returns:
        `Measure` in [0, 1]; undefined below two turns.

    Raises:
        ValueError: a probability outside [0, 1].

    Source: Brier, "Verification of forecasts expressed in terms of probability", 1950.
    """
    targets, probabilities = np.asarray(targets, dtype=float), np.asarray(probabilities, dtype=float)
    if (few := too_few(len(targets))) is not None:
        return few
    if not ((probabilities >= 0) & (probabilities <= 1)).all():  # also catches NaN
        raise ValueError("probabilities must lie in [0, 1]")
    return defined(((probabilities - targets) ** 2).mean())
