"""How far apart people lie from each other by chance: what a distance between people and a model has to exceed."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure


def chance_distance(
    distance: Callable[[np.ndarray, np.ndarray], Measure],
    people: np.ndarray,
    size: int,
    groups: ArrayLike | None = None,
    clusters: int | None = None,
    deals: int = 200,
    seed: int = 0,
) -> tuple[float, float] | None:
    """
    Median and 95 percent quantile of the distance of `size` turns of people from those of other people, at random.

    Turns of one person or session resemble each other, so the drawn ones come from as few groups as the model's do,
    and none of these groups is among the others: single turns would lie too near.

    Args:
        distance: of two samples.
        people: float `[n]`.
        size: how many answers of the model there are; at most half of the people's turns are drawn.
        groups: `[n]`, person, session or thread; `None`: every turn is its own.
        clusters: groups that the model's answers are of; at most half of the people's, more where they hold too few
            turns. `None`: `size`.
        deals: draws.
        seed: of the draws.

    Returns:
        `None` where fewer than two turns would be drawn, there are no two groups, or the distance is undefined.
    """
    names = np.arange(len(people)) if groups is None else np.asarray(groups).astype(str)
    if len(names) != len(people):
        raise ValueError(f"{len(names)} groups for {len(people)} turns")
    _, own, counts = np.unique(names, return_inverse=True, return_counts=True)
    size = min(size, len(people) // 2)
    if size < 2 or len(counts) < 2:
        return None
    least = min(clusters or size, len(counts) // 2)
    generator, found = np.random.default_rng(seed), []
    for _ in range(deals):
        order = generator.permutation(len(counts))
        enough = int(np.searchsorted(np.cumsum(counts[order]), size)) + 1
        chosen = np.isin(own, order[: min(max(least, enough), len(counts) - 1)])
        drawn = generator.permutation(np.flatnonzero(chosen))[:size]
        value = distance(people[~chosen], people[drawn]).value
        if value is not None:
            found.append(value)
    return (float(np.median(found)), float(np.quantile(found, 0.95))) if found else None
