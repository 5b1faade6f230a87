"""Could the difference be chance? A permutation test that swaps the two versions within groups."""

import itertools

import numpy as np

EXACT_GROUPS = 12
"""Up to this many groups that differ, all assignments of signs are tried."""
ENOUGH = 50
"""Draws at least as extreme after which a Monte Carlo test may stop: p is then known to about 14% of itself."""


def sign_flip(sums: np.ndarray, flips: int = 10_000, seed: int = 0) -> tuple[float, str]:
    """
    Two-sided p of "the two versions could have been swapped in any group".

    Args:
        sums: float `[groups]`, summed differences of each group.
        flips: draws where there are too many groups to try them all.
        seed: of the draws.

    Returns:
        p in (0, 1] and the kind: `"exact"` (all 2^groups signs) or `"permutation"` (random signs; it stops early once
        50 draws were at least as extreme, p being 50 over the draws taken, else p = (extreme + 1) / (flips + 1)). Both
        are valid: under the null hypothesis p <= a with probability at most a. No group that differs: 1.

    Source: Fisher's randomisation test; sequential stopping by Besag & Clifford, "Sequential Monte Carlo p-values",
    Biometrika 1991; the + 1 as in Phipson & Smyth, 2010.

    Example:
        >>> sign_flip(np.array([1.0, 2.0, 3.0]))  # 2 of 8 assignments are as extreme
        (0.25, 'exact')
    """
    differing = sums[sums != 0.0]
    if not len(differing):
        return 1.0, "exact"
    limit = abs(differing.sum()) * (1 - 1e-12) - 1e-12 * np.abs(differing).sum()  # ties count, despite rounding
    if len(differing) <= EXACT_GROUPS:
        signs = np.array(list(itertools.product((-1.0, 1.0), repeat=len(differing))))
        return float((np.abs(signs @ differing) >= limit).mean()), "exact"
    generator = np.random.default_rng(seed)
    taken, extreme = 0, 0
    size = max(100, min(1000, 2_000_000 // len(differing)))
    while taken < flips:
        signs = 2.0 * generator.integers(0, 2, size=(min(size, flips - taken), len(differing)), dtype=np.int8) - 1.0
        hits = np.abs(signs @ differing) >= limit
        if extreme + hits.sum() >= ENOUGH:
            last = int(np.flatnonzero(hits)[ENOUGH - extreme - 1])
            return ENOUGH / (taken + last + 1), "permutation"
        extreme, taken = extreme + int(hits.sum()), taken + len(hits)
    return (extreme + 1) / (flips + 1), "permutation"


def smallest_p(groups: int, flips: int) -> float:
    """The smallest p that `sign_flip` can give: what a family of tests must be able to go below."""
    return 2.0 ** (1 - groups) if groups <= EXACT_GROUPS else 1 / (flips + 1)
