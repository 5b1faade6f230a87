"""For every reply another person's reply of about the same length: what a reply would be that answers nothing."""

from collections.abc import Sequence

import numpy as np

CANDIDATES = 16


def length_matched(
    lengths: Sequence[float], groups: Sequence[str], seed: int = 0, candidates: int = CANDIDATES
) -> np.ndarray:
    """
    Int `[replies]`: the place of the partner, -1 where no other group has a reply.

    Of a few replies drawn from other groups the nearest in length is taken, by the ratio of lengths, so that a swapped
    reply cannot be told by how long it is.

    Args:
        lengths: words of each reply.
        groups: person or thread of each; a partner is never of the same.
        seed: of the draws.
        candidates: replies to choose from, at least 1.
    """
    if len(lengths) != len(groups):
        raise ValueError(f"{len(lengths)} lengths for {len(groups)} groups")
    generator, size = np.random.default_rng(seed), np.log1p(np.asarray(lengths, dtype=float))
    _, own = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    out = np.full(len(own), -1)
    for row, group in enumerate(own):
        others = np.flatnonzero(own != group)
        if len(others):
            drawn = generator.choice(others, size=min(candidates, len(others)), replace=False)
            out[row] = drawn[np.abs(size[drawn] - size[row]).argmin()]
    return out
