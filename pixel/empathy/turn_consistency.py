"""Whether the same state of a person gets the same level of empathy, within one conversation and across them."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, undefined

ALIKE = 0.1
"""Two states at most this far apart, on a scale from 0 to 1, count as the same."""
LEAST = 10
"""Pairs below which nothing is said."""


def turn_consistency(
    levels: ArrayLike, states: ArrayLike, groups: ArrayLike, *, alike: float = ALIKE, most: int = 20_000, seed: int = 0
) -> Measure:
    r"""
    One minus how far levels lie apart for the same state in one conversation, measured against any two turns.

    .. math:: 1 - \frac{\operatorname{mean} |l_i - l_j|\ \text{(same conversation, same state)}}
        {\operatorname{mean} |l_i - l_j|\ \text{(other conversation, any state)}}

    Args:
        levels: float `[turns]`, how empathic the helper's turn is; NaN where unknown.
        states: float `[turns]` or `[turns, columns]`, how the person was doing just before, each column in [0, 1].
        groups: `[turns]`, the conversation.
        alike: largest distance (of the column that is furthest) at which two states are the same.
        most: pairs drawn from other conversations.
        seed: of the draws.

    Returns:
        `Measure`: 1 where the same state always gets the same level, 0 where knowing conversation and state says
        nothing about the level; undefined with fewer than ten such pairs or levels that are all the same.
    """
    levels, groups = np.asarray(levels, dtype=float), np.asarray(groups).astype(str)
    states = np.asarray(states, dtype=float).reshape(len(levels), -1)
    known = ~np.isnan(levels) & ~np.isnan(states).any(1)
    levels, states, groups = levels[known], states[known], groups[known]
    _, own = np.unique(groups, return_inverse=True)
    near = []
    for group in range(own.max(initial=-1) + 1):
        rows = np.flatnonzero(own == group)
        first, second = (rows[index] for index in np.triu_indices(len(rows), 1))
        same = np.abs(states[first] - states[second]).max(1, initial=0) <= alike
        near.append(np.abs(levels[first] - levels[second])[same])
    within = np.concatenate(near) if near else np.empty(0)
    if len(within) < LEAST:
        return undefined(f"{len(within)} pairs of turns with the same state in one conversation, {LEAST} needed")
    drawn = np.random.default_rng(seed).integers(len(levels), size=(most, 2))
    drawn = drawn[own[drawn[:, 0]] != own[drawn[:, 1]]]
    across = np.abs(levels[drawn[:, 0]] - levels[drawn[:, 1]])
    if not len(across) or across.mean() <= 1e-9:
        return undefined("there is one conversation only, or the levels are all the same")
    return defined(1 - within.mean() / across.mean())
