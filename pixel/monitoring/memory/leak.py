"""Whether memory grows from step to step: a robust slope with its interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True)
class Slope:
    """Bytes a step: the median of all pairs, and the bounds of its interval."""

    value: float
    low: float
    high: float


def theil_sen(steps: Sequence[float], values: Sequence[float], z: float = 2.576) -> Slope | None:
    """
    Sen's slope (1968): the median slope of all pairs, with the interval that Kendall's statistic gives.

    A single jump, such as an evaluation that enlarges the heap once, moves it little.

    Args:
        steps: where `values` were measured, not all the same.
        values: at least 8 of them.
        z: of the interval; 2.576 for 99 percent.

    Returns:
        the slope, or `None` for too few values.
    """
    n = len(values)
    if n < 8:
        return None
    slopes = sorted(
        (values[j] - values[i]) / (steps[j] - steps[i])
        for i in range(n)
        for j in range(i + 1, n)
        if steps[j] != steps[i]
    )
    if not slopes:
        return None
    spread = z * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    low = max(math.floor((len(slopes) - spread) / 2), 0)
    high = min(math.ceil((len(slopes) + spread) / 2), len(slopes) - 1)
    middle = len(slopes) // 2
    value = slopes[middle] if len(slopes) % 2 else (slopes[middle - 1] + slopes[middle]) / 2
    return Slope(value, slopes[low], slopes[high])


class LeakDetector:
    """
    Says when memory keeps growing after the warm-up.

    A leak is a slope whose interval lies above zero, in each third of what is remembered (a heap that settles or that
    grew once is no leak), and that has taken at least `least` bytes.

    Args:
        warm_up: first measurements that are passed over: caches and arenas fill then.
        keep: most measurements remembered; beyond, every second one is forgotten and the rest stand for longer.
        least: growth, in bytes, that is not worth a word.

    Raises:
        ValueError: too few measurements to see anything.
    """

    def __init__(self, warm_up: int = 10, keep: int = 96, least: float = 32 * MIB):
        if keep < 48 or warm_up < 0:
            raise ValueError(f"keep is {keep} and warm_up {warm_up}; they must be at least 48 and 0")
        self.warm_up, self.keep, self.least = warm_up, keep, least
        self._skipped, self._every, self._turn = 0, 1, 0
        self.steps: list[float] = []
        self.values: list[float] = []

    def update(self, step: float, value: float) -> Slope | None:
        """Take one measurement in; the slope where there is a leak, else `None`."""
        if self._skipped < self.warm_up:
            self._skipped += 1
            return None
        self._turn += 1
        if self._turn % self._every:
            return None
        self.steps.append(step)
        self.values.append(value)
        if len(self.values) >= self.keep:
            self.steps, self.values, self._every = self.steps[::2], self.values[::2], self._every * 2
        return self.leak()

    def leak(self) -> Slope | None:
        """The slope, where it is a leak."""
        whole, third = self.slope(), len(self.values) // 3
        if whole is None or whole.low <= 0 or whole.value * (self.steps[-1] - self.steps[0]) < self.least:
            return None
        cuts = (slice(third), slice(third, 2 * third), slice(2 * third, None))
        parts = [theil_sen(self.steps[cut], self.values[cut]) for cut in cuts]
        return whole if all(part is not None and part.low > 0 for part in parts) else None

    def slope(self) -> Slope | None:
        """The slope of all that is remembered, leak or not."""
        return theil_sen(self.steps, self.values)
