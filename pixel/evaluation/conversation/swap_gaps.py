"""How far scores move when somebody of another group tells a text, with one interval for all groups of an axis."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from pixel.clinical.bias import axes, swaps


class AxisGap(NamedTuple):
    """
    The largest difference along one axis.

    Attributes:
        axis, group: the group that is farthest from the mean over all groups.
        difference: its mean over texts, with sign.
        low, high: of the size of the largest difference, 95 percent for all groups at once; `low` is 0 where chance
            can do as much.
        texts: their number.
        by_text: float `[texts]`, per text the mean absolute difference of its versions from their mean.
    """

    axis: str
    group: str
    difference: float
    low: float
    high: float
    texts: int
    by_text: np.ndarray


def versions(texts: Sequence[str], axis: str) -> list[str]:
    """All versions of each text, one after the other."""
    return [swap.text for text in texts for swap in swaps(text, axis)]


def axis_gap(scores: Sequence[float], axis: str, texts: int, resamples: int = 1000, seed: int = 0) -> AxisGap | None:
    """
    The largest difference of one axis, with an interval that knows it was chosen for being the largest.

    The interval is the largest difference plus and minus the 95 percent point, over resampled texts, of the largest
    deviation of any group's mean from its own (a simultaneous interval).

    Args:
        scores: of `versions`, in their order; texts with a version that has no score (NaN) are left out.
        axis: its name.
        texts: how many there were.
        resamples, seed: of the bootstrap.

    Returns:
        `None` below two texts.

    Source: Davison & Hinkley, "Bootstrap Methods and their Application", 1997, section 4.2.4 (bootstrap of a maximum).
    """
    names = list(axes()[axis]["groups"])
    table = np.asarray(scores, dtype=float).reshape(texts, len(names))
    table = table[np.isfinite(table).all(1)]
    if len(table) < 2:
        return None
    away = table - table.mean(1, keepdims=True)
    mean = away.mean(0)
    generator = np.random.default_rng(seed)
    drawn = away[generator.integers(len(away), size=(resamples, len(away)))].mean(1)  # [resamples, groups]
    reach = float(np.quantile(np.abs(drawn - mean).max(1), 0.95))
    far = int(np.abs(mean).argmax())
    size = float(abs(mean[far]))
    low, high = max(0.0, size - reach), size + reach
    return AxisGap(axis, names[far], float(mean[far]), low, high, len(table), np.abs(away).mean(1))


def largest_gaps(
    score: Callable[[Sequence[str]], Sequence[float]], texts: Sequence[str], chosen: Sequence[str], seed: int = 0
) -> list[AxisGap]:
    """`axis_gap` of some axes; `score` is called once an axis."""
    texts = [text for text in texts if text.strip()]
    found = [axis_gap(score(versions(texts, axis)), axis, len(texts), seed=seed) for axis in chosen]
    return [gap for gap in found if gap is not None]
