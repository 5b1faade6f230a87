"""Which items of two versions belong together, and which have no partner."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Pairs:
    """
    Items that both versions answered.

    Attributes:
        ids: `[n]`, sorted.
        groups: `[n]`, the person, thread or conversation of each; an item without one is its own.
        before, after: float64 `[n]`.
        only_before, only_after: ids without a partner, sorted.
    """

    ids: list[str]
    groups: list[str]
    before: np.ndarray
    after: np.ndarray
    only_before: list[str]
    only_after: list[str]

    @property
    def differences(self) -> np.ndarray:
        """float64 `[n]`, after less before."""
        return self.after - self.before

    def group_sums(self) -> tuple[np.ndarray, np.ndarray]:
        """Sum of the differences and number of items of each group, both float64 `[groups]`."""
        _, index = np.unique(np.asarray(self.groups, dtype=str), return_inverse=True)
        return np.bincount(index, weights=self.differences), np.bincount(index).astype(float)


def pair_items(before: Mapping[str, tuple[float, str | None]], after: Mapping[str, tuple[float, str | None]]) -> Pairs:
    """
    Pair by id.

    Args:
        before, after: item id -> (value, group). The group of `before` stands where the two differ.

    Returns:
        [`Pairs`]; empty arrays where nothing is shared.

    Example:
        >>> pair_items({"a": (0.0, None), "b": (1.0, None)}, {"b": (0.5, None)}).differences.tolist()
        [-0.5]
    """
    ids = sorted(before.keys() & after.keys())
    return Pairs(
        ids=ids,
        groups=[f"item {name}" if before[name][1] is None else f"group {before[name][1]}" for name in ids],
        before=np.array([before[name][0] for name in ids], dtype=float),
        after=np.array([after[name][0] for name in ids], dtype=float),
        only_before=sorted(before.keys() - after.keys()),
        only_after=sorted(after.keys() - before.keys()),
    )
