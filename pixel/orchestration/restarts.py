"""How often and when to start again."""

import random

from pixel.orchestration.accelerate_command import LaunchError


class Restarts:
    """
    A ceiling of restarts that progress refills, with waits that double.

    A crash loop without progress is over after `ceiling` restarts; a fault a day, with checkpoints in between, never
    uses them up. The wait doubles with every failure since the last progress, up to `longest`, and is multiplied by a
    random number in [0.5, 1.5), so that many runs that one fault threw out do not come back at once.

    Args:
        ceiling: restarts without progress.
        first: seconds of the first wait, before the random factor.
        longest: seconds, before the random factor.
        seed: of the random factors.

    Example:
        >>> restarts = Restarts(ceiling=2, first=0)
        >>> [restarts.after(step) for step in (0, 100, 100, 100)]
        [0.0, 0.0, 0.0, None]
    """

    def __init__(self, ceiling: int = 5, first: float = 5.0, longest: float = 300.0, seed: int = 0):
        if ceiling < 0 or first < 0 or longest < first:
            raise LaunchError("--restarts and --backoff: not below 0. Mend: --restarts 5 --backoff 5")
        self.ceiling, self.first, self.longest = ceiling, first, longest
        self.best = self.failures = 0  # the furthest step so far, and failures since it was reached
        self._random = random.Random(seed)

    @property
    def left(self) -> int:
        """Restarts that may still be made without progress."""
        return max(0, self.ceiling - self.failures)

    def after(self, step: int) -> float | None:
        """
        A failure.

        Args:
            step: steps that are not lost.

        Returns:
            seconds to wait before starting again; `None`: do not.
        """
        if step > self.best:
            self.best, self.failures = step, 0
        self.failures += 1
        if self.failures > self.ceiling:
            return None
        wait = min(self.longest, self.first * 2 ** (self.failures - 1))
        return wait * (0.5 + self._random.random())
