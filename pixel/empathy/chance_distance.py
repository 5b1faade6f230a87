"""How far apart people lie from each other by chance: what a distance between people and a model has to exceed."""

from collections.abc import Callable

import numpy as np

from pixel.metrics.measure import Measure


def chance_distance(
    distance: Callable[[np.ndarray, np.ndarray], Measure],
    people: np.ndarray,
    size: int,
    deals: int = 200,
    seed: int = 0,
) -> tuple[float, float] | None:
    """
    Median and 95 percent quantile of the distance of `size` people from the rest, drawn at random.

    Args:
        distance: of two samples.
        people: float `[n]`.
        size: how many answers of the model there are; at most half of the people are drawn.
        deals: draws.
        seed: of the draws.

    Returns:
        `None` where fewer than two people would be drawn or the distance is undefined.
    """
    size = min(size, len(people) // 2)
    if size < 2:
        return None
    generator, found = np.random.default_rng(seed), []
    for _ in range(deals):
        order = generator.permutation(len(people))
        value = distance(people[order[size:]], people[order[:size]]).value
        if value is not None:
            found.append(value)
    return (float(np.median(found)), float(np.quantile(found, 0.95))) if found else None
