"""How many of the passages found are worth showing: up to the widest gap in relevance."""

import numpy as np

LEAST_DROP = 0.35
"""Share of the best relevance that a gap must have to end the list."""


def adaptive_k(relevance: np.ndarray, least: int = 1, drop: float = LEAST_DROP) -> int:
    """
    Passages before the widest gap between neighbours, if that gap is wide; all of them otherwise.

    Args:
        relevance: `[found]`, falling.
        least: passages kept in any case.
        drop: a gap counts from this share of the best relevance on.

    Returns:
        in `min(least, found) .. found`.

    Example:
        >>> adaptive_k(np.array([0.9, 0.85, 0.2, 0.1]))
        2
        >>> adaptive_k(np.array([0.9, 0.8, 0.7, 0.6]))
        4
    """
    if len(relevance) <= least:
        return len(relevance)
    gaps = relevance[:-1] - relevance[1:]
    gaps[: max(least - 1, 0)] = 0.0
    widest = int(np.argmax(gaps))
    return widest + 1 if gaps[widest] >= drop * relevance[0] > 0 else len(relevance)
