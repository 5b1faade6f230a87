"""Ratios of interleaved rounds, with an interval."""

from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np


def median_ratio(ours: Sequence[float], theirs: Sequence[float], seed: int = 0, draws: int = 2000) -> dict[str, Any]:
    """
    Median over the rounds of one figure over another of the same round.

    Args:
        ours: a round each; `theirs` likewise.
        seed: of the bootstrap.
        draws: of the bootstrap.

    Returns:
        `median`, `interval` (95 percent, percentile bootstrap over the rounds), `rounds`.

    Raises:
        ValueError: different numbers of rounds, or none.
    """
    each = np.array([a / b for a, b in zip(ours, theirs, strict=True)])
    if not len(each):
        raise ValueError("no rounds")
    drawn = np.random.default_rng(seed).choice(each, (draws, len(each)))
    low, high = np.quantile(np.median(drawn, axis=1), (0.025, 0.975))
    return {"median": median(each.tolist()), "interval": [float(low), float(high)], "rounds": len(each)}
