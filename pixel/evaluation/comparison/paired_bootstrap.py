"""How much a mean difference would move with other people in the sample."""

import numpy as np

LEAST_GROUPS = 2


def paired_interval(
    sums: np.ndarray, counts: np.ndarray, confidence: float = 0.95, resamples: int = 2000, seed: int = 0
) -> tuple[float, float] | None:
    """
    Percentile interval of the mean difference, drawing whole groups with replacement.

    Items of one conversation or person move together, so groups are drawn, never single items. The mean is over items,
    so a large group weighs more: sum of sums over sum of counts in every draw.

    Args:
        sums: float `[groups]`, summed differences.
        counts: float `[groups]`, items, each at least 1.
        confidence: share of the draws inside the interval.
        resamples: number of draws.
        seed: of the draws.

    Returns:
        `(low, high)`, or `None` with fewer than two groups. With fewer than about 20 groups it is somewhat too narrow,
        as percentile intervals are; the flag of a regression rests on `sign_flip`, not on it.

    Source: Davison & Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8.
    """
    groups = len(sums)
    if groups < LEAST_GROUPS:
        return None
    generator = np.random.default_rng(seed)
    means = []
    for size in _chunks(resamples, groups):
        drawn = generator.integers(groups, size=(size, groups))
        means.append(sums[drawn].sum(1) / counts[drawn].sum(1))
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.concatenate(means), [tail, 1 - tail])
    return float(low), float(high)


def _chunks(total: int, width: int, cells: int = 2_000_000) -> list[int]:
    """How many draws at a time keep the table below `cells`."""
    size = max(1, min(total, cells // max(width, 1)))
    return [size] * (total // size) + ([total % size] if total % size else [])
