"""Sign-ins counted in memory, for a server that may only read the accounts."""

import threading
import time
from collections.abc import Callable


class Tries:
    """
    After `free` failures in a row a name waits, twice as long each time, up to `longest` seconds.

    Args:
        free: failures that cost nothing.
        first, longest: seconds.
        clock: seconds; another in tests.

    Example:
        >>> now = [0.0]
        >>> tries = Tries(free=2, first=30, clock=lambda: now[0])
        >>> [tries.begin("ann") for _ in range(3)]
        [True, True, False]
        >>> now[0] = 31.0
        >>> tries.begin("ann")
        True
    """

    def __init__(
        self,
        free: int = 5,
        first: float = 30.0,
        longest: float = 3600.0,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.free, self.first, self.longest, self.clock = free, first, longest, clock
        self._lock, self._failures = threading.Lock(), {}

    def begin(self, name: str) -> bool:
        """Whether this name may try now. The try counts as failed until `succeeded` says otherwise."""
        name, now = str(name).lower()[:64], self.clock()
        with self._lock:
            self._failures = {n: kept for n, kept in self._failures.items() if kept[1] + self.longest > now}
            count, until = self._failures.get(name, (0, now))
            if until > now:
                return False
            count += 1
            wait = min(self.longest, self.first * 2.0 ** min(count - self.free, 16)) if count >= self.free else 0.0
            self._failures[name] = (count, now + wait)
            return True

    def succeeded(self, name: str) -> None:
        """Forget this name's failures."""
        with self._lock:
            self._failures.pop(str(name).lower()[:64], None)
