"""Looks at something every few seconds from a thread of its own, and remembers what it saw."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

Reader = Callable[[], Mapping[str, float]]


class Sampler:
    """
    A background thread that calls `read` every `interval` seconds.

    A reading that fails is counted and the next one is tried: whatever a driver does, the run goes on. One that never
    returns shows in `stalled`.

    Args:
        read: what to look at: name -> number.
        interval: seconds between looks.
        keep: most readings remembered; older ones are forgotten.

    Raises:
        ValueError: an interval that is not positive.

    Attributes:
        failed: readings that raised.
        spent: processor seconds the thread has used.
    """

    def __init__(self, read: Reader, interval: float = 5.0, keep: int = 720):
        if interval <= 0:
            raise ValueError(f"interval is {interval}; it must be above 0 seconds")
        self.read, self.interval = read, interval
        self.failed, self.spent = 0, 0.0
        self._kept: deque[tuple[float, dict[str, float]]] = deque(maxlen=keep)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._looked = 0.0

    def start(self) -> None:
        """Begin, with a look at once."""
        if self._thread is None:
            self._stop.clear()
            self._looked = time.monotonic()
            self._thread = threading.Thread(target=self._work, name="resources", daemon=True)
            self._thread.start()

    def stop(self, wait: float = 2.0) -> bool:
        """End; whether the thread did within `wait` seconds."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(wait)
        return thread is None or not thread.is_alive()

    def look(self) -> None:
        """Take a reading now, in the calling thread."""
        try:
            self._kept.append((time.monotonic(), dict(self.read())))
        except Exception:  # a driver's or the system's trouble is not the run's
            self.failed += 1
        self._looked = time.monotonic()

    def stalled(self) -> float | None:
        """Seconds since the last look, where the thread runs and has missed three of them; else `None`."""
        late = time.monotonic() - self._looked
        return late if self._thread is not None and late > 3 * self.interval + 1 else None

    def since(self, moment: float) -> list[dict[str, float]]:
        """Readings taken after `moment` (of `time.monotonic`); the last one where there are none."""
        kept = list(self._kept)
        found = [reading for at, reading in kept if at > moment]
        return found or [reading for _, reading in kept[-1:]]

    def _work(self) -> None:
        while not self._stop.is_set():
            before = time.thread_time()
            self.look()
            self.spent += time.thread_time() - before
            self._stop.wait(self.interval)


def summary(readings: list[Mapping[str, float]]) -> dict[str, float]:
    """Every name over some readings, as `joined` says."""
    gathered: dict[str, list[float]] = {}
    for reading in readings:
        for name, value in reading.items():
            gathered.setdefault(name, []).append(value)
    return {name: joined(name, values) for name, values in gathered.items()}


def joined(name: str, values: Sequence[float]) -> float:
    """
    One number for several readings of a name, over time or over ranks.

    The highest where the name says share, temperature, size or errors (of free disk the lowest), all bits of
    `gpu_throttle`, the mean of anything else.
    """
    if name == "gpu_throttle":
        bits = 0
        for value in values:
            bits |= int(value)
        return float(bits)
    if name == "disk_free_bytes":
        return min(values)
    return max(values) if name.endswith(("_share", "_celsius", "_bytes", "_errors")) else sum(values) / len(values)
