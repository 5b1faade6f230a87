"""Expected calibration error: how far stated confidence lies from how often it is right."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, too_few


def expected_calibration_error(confidence: ArrayLike, correct: ArrayLike, bins: int = 10) -> Measure:
    r"""
    Mean gap between confidence and accuracy over equally wide bins. Lower is better.

    .. math:: \sum_{b} \frac{n_b}{n} \, \big| \mathrm{accuracy}_b - \mathrm{confidence}_b \big|

    Args:
        confidence: float `[turns]` in [0, 1], the probability given to an answer.
        correct: bool `[turns]`, whether the answer was right (for one yes-or-no question: whether it was a yes).
        bins: number of bins over [0, 1].

    Returns:
        `Measure` in [0, 1]; undefined below two turns.

    Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
    """
    confidence, correct = np.asarray(confidence, dtype=float), np.asarray(correct, dtype=float)
    if (few := too_few(len(confidence))) is not None:
        return few
    edges = np.linspace(0.0, 1.0, bins + 1)
    stated, _ = np.histogram(confidence, edges, weights=confidence)
    right, _ = np.histogram(confidence, edges, weights=correct)
    return defined(np.abs(right - stated).sum() / len(confidence))
