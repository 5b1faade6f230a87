"""Bootstrap interval: how much a figure would move with other people in the sample."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure


def bootstrap_interval(
    statistic: Callable[[np.ndarray], Measure],
    size: int,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    resamples: int = 500,
    seed: int = 0,
) -> tuple[float, float] | None:
    """
    Percentile interval, drawing whole groups with replacement.

    Turns of one conversation, or posts of one person, resemble each other: drawing turns singly would make the
    interval too narrow.

    Args:
        statistic: indices int `[any]` -> `Measure` on those turns.
        size: number of turns.
        groups: `[size]`, the person, thread or conversation of each turn; `None`: every turn is its own group.
        confidence: share of the resampled values inside the interval.
        resamples: number of draws; 0 for no interval.
        seed: of the draws.

    Returns:
        `(low, high)`, or `None` where there are fewer than two groups or the statistic is undefined on more than
        half of the draws.

    Raises:
        ValueError: `groups` is not as long as the sample.

    Source: Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13; groups as in the cluster
    bootstrap of Davison & Hinkley, 1997, section 3.8.
    """
    if groups is None:
        members = [np.array([index]) for index in range(size)]
    else:
        if len(groups) != size:
            raise ValueError(f"{len(groups)} groups for {size} turns")
        _, ids = np.unique(np.asarray(groups).astype(str), return_inverse=True)
        order = np.argsort(ids, kind="stable")
        members = np.split(order, np.flatnonzero(np.diff(ids[order])) + 1)
    if len(members) < 2 or resamples < 1:
        return None
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(resamples):
        drawn = generator.integers(len(members), size=len(members))
        value = statistic(np.concatenate([members[index] for index in drawn])).value
        if value is not None:
            values.append(value)
    if len(values) * 2 < resamples:
        return None
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
