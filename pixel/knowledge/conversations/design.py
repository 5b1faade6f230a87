"""Balanced choice: over many rows every level of every factor comes equally often, whatever the order of work."""

import random
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

Level = TypeVar("Level")


def balanced(levels: Sequence[Level], seed: int, factor: str, index: int) -> Level:
    """
    The level of a factor for row `index`: rows are taken in blocks as long as there are levels, and each block holds
    every level once in an order of its own (the rows of a Latin rectangle, shuffled a block at a time). Counts of
    two levels differ by at most one, and factors are independent of each other.

    Args:
        levels: what to choose from.
        seed: of the whole design.
        factor: its name; another name gives another order.
        index: from 0.
    """
    block, place = divmod(index, len(levels))
    return levels[_order(len(levels), f"{seed}:{factor}:{block}")[place]]


@lru_cache(maxsize=256)
def _order(size: int, key: str) -> tuple[int, ...]:
    order = list(range(size))
    random.Random(key).shuffle(order)
    return tuple(order)
