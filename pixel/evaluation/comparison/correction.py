"""Many tests at once: Holm keeps the chance of any false flag, Benjamini-Hochberg the share of false ones."""

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> np.ndarray:
    """
    Holm's adjusted p-values: flagging those at or below a keeps the chance of **any** false flag at a.

    Holds whatever the dependence between the tests.

    Args:
        p: `[tests]`, in [0, 1].

    Returns:
        float64 `[tests]`, in the order given.

    Raises:
        ValueError: a value outside [0, 1].

    Source: Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics, 1979.

    Example:
        >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
        [0.03, 0.06, 0.06]
    """
    values = _checked(p)
    order = np.argsort(values, kind="stable")
    steps = values[order] * np.arange(len(values), 0, -1)
    return _back(np.minimum(np.maximum.accumulate(steps), 1.0), order)


def benjamini_hochberg(p: Sequence[float]) -> np.ndarray:
    """
    Adjusted p-values that keep the expected **share** of false flags (independent or positively dependent tests).

    Args, returns and raises as `holm`.

    Source: Benjamini & Hochberg, "Controlling the False Discovery Rate", JRSS B, 1995.
    """
    values = _checked(p)
    order = np.argsort(values, kind="stable")
    steps = values[order] * len(values) / np.arange(1, len(values) + 1)
    return _back(np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0), order)


def _checked(p: Sequence[float]) -> np.ndarray:
    values = np.asarray(p, dtype=float)
    if values.size and not ((values >= 0) & (values <= 1)).all():
        raise ValueError("p-values lie in [0, 1]")
    return values


def _back(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    out = np.empty_like(values)
    out[order] = values
    return out
