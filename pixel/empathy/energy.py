"""Energy distance: whether two clouds of profiles are one, looking at all columns and how they hang together."""

from typing import NamedTuple

import numpy as np


class Energy(NamedTuple):
    """
    Attributes:
        value: at least 0; 0 where both samples have the same distribution.
        chance: mean over deals of the same profiles into two samples at random.
        p: share of the deals at least as far apart.
    """

    value: float
    chance: float
    p: float


def energy_distance(people: np.ndarray, model: np.ndarray, deals: int = 500, seed: int = 0) -> Energy | None:
    r"""
    .. math:: E = 2 \, \mathbb{E}|X - Y| - \mathbb{E}|X - X'| - \mathbb{E}|Y - Y'|

    with columns divided by the people's standard deviation; the mean within a sample leaves a profile's distance to
    itself out, so the expected value is 0 where both are one distribution (and a sample's can be a little below).

    Args:
        people, model: float `[n, columns]`, `[m, columns]`.
        deals: random deals for `chance` and `p`.
        seed: of the deals.

    Returns:
        `Energy`, or `None` with fewer than two profiles on a side.

    Source: Székely & Rizzo, "Energy statistics: a class of statistics based on distances", 2013.
    """
    if len(people) < 2 or len(model) < 2:
        return None
    spread = people.std(0)
    both = np.vstack([people, model]) / np.where(spread > 1e-9, spread, 1.0)
    squares = (both**2).sum(1)
    apart = np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * both @ both.T, 0.0))
    np.fill_diagonal(apart, 0.0)
    size, generator = len(people), np.random.default_rng(seed)
    value = _of(apart, np.arange(len(both)) < size)
    dealt = np.array([_of(apart, generator.permutation(len(both)) < size) for _ in range(deals)])
    return Energy(value, float(dealt.mean()), float((1 + (dealt >= value).sum()) / (1 + deals)))


def _of(apart: np.ndarray, first: np.ndarray) -> float:
    a, b = first.sum(), (~first).sum()
    side = first.astype(float)
    across = side @ apart @ (1 - side)
    within, other = side @ apart @ side, (1 - side) @ apart @ (1 - side)
    return float(2 * across / (a * b) - within / (a * (a - 1)) - other / (b * (b - 1)))
