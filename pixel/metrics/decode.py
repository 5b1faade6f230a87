"""From a head's logits to probabilities, and from probabilities to answers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from pixel.models.labels import FIELDS


def field_probabilities(field: str, logits: ArrayLike) -> np.ndarray:
    """
    Probabilities as the metrics read them.

    Args:
        field: name of the field.
        logits: float `[..., field.logits]`, as the head gives them.

    Returns:
        float `[..., field.logits]`: the classes' probabilities (`categorical`, summing to 1), each label's
        probability (`multilabel`), each score (`score`), or the probability of "at least level k" for k = 1, 2, ...
        (`ordinal`).
    """
    from scipy.special import expit, softmax

    logits = np.asarray(logits, dtype=float)
    return softmax(logits, axis=-1) if FIELDS[field].kind == "categorical" else expit(logits)


def levels_of(probabilities: ArrayLike, thresholds: Sequence[float] | None = None) -> np.ndarray:
    """
    The level that cumulative probabilities amount to: the number of steps taken.

    Args:
        probabilities: float `[turns, levels - 1]`, of "at least level k"; need not be sorted.
        thresholds: one a step; `None`: 0.5.

    Returns:
        int `[turns]` in `0 .. levels - 1`.
    """
    probabilities = np.asarray(probabilities, dtype=float)
    return (probabilities >= np.asarray(0.5 if thresholds is None else thresholds)).sum(-1)
