"""When silence is a hang: limits by phase, of which the one for steps follows the measured step time."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pixel.orchestration.heartbeat import Beat


@dataclass(frozen=True)
class HangLimits:
    """
    Seconds of silence, by what a rank was last doing.

    Attributes:
        start: from the start until two steps are done: loading, preparing data, compiling.
        step: between two steps, at least; it grows to `factor` times the slowest of the last steps.
        save: while a checkpoint is written, and after SIGTERM.
        evaluate: between two batches of an evaluation.
        end: measuring and keeping the model after the last step.
        factor: how much longer than the slowest recent step is still no hang.
    """

    start: float = 3600.0
    step: float = 300.0
    save: float = 1800.0
    evaluate: float = 1800.0
    end: float = 3600.0
    factor: float = 20.0


@dataclass(frozen=True)
class Hang:
    """Nobody gets on: which rank is behind, what it was doing, for how long it has been silent, and the limit."""

    rank: int | None
    phase: str
    step: int
    silent: float
    limit: float

    def __str__(self) -> str:
        who = "no rank" if self.rank is None else f"rank {self.rank} ({self.phase}, step {self.step})"
        said = "has said anything" if self.rank is None else "has been silent"
        return f"{who} {said} for {self.silent:.0f} s, the limit is {self.limit:.0f} s"


class HangWatch:
    """
    Looks at heartbeats again and again.

    Silence is measured by the watcher's own clock, from when it saw a beat change: clocks of machines may differ.
    Ranks wait for each other, so that all fall silent when one hangs; the one with the fewest steps is named.

    Args:
        limits: seconds.
        ranks: how many are expected; one that never speaks is held to `start`. By default whoever speaks.
        clock: for tests.
    """

    def __init__(
        self, limits: HangLimits | None = None, ranks: int | None = None, clock: Callable[[], float] = time.monotonic
    ):
        self.limits, self.ranks, self.clock = limits or HangLimits(), ranks, clock
        self.begun = clock()
        self.last: dict[int, tuple[Beat, float]] = {}
        self.first: dict[int, int] = {}
        self.times: deque[float] = deque(maxlen=100)  # seconds a step

    def look(self, beats: Sequence[Beat]) -> Hang | None:
        """
        Take note of the beats.

        Returns:
            a hang, or `None`.
        """
        now = self.clock()
        for beat in beats:
            before = self.last.get(beat.rank)
            if before is not None and before[0] == beat:
                continue
            if beat.phase == "train":
                self.first.setdefault(beat.rank, beat.step)
            if before is not None and before[0].phase == beat.phase == "train" and beat.step > before[0].step:
                self.times.append((now - before[1]) / (beat.step - before[0].step))
            self.last[beat.rank] = (beat, now)
        silent = [
            Hang(beat.rank, beat.phase, beat.step, now - seen, limit)
            for beat, seen in self._waited_for()
            if now - seen > (limit := self.limit(beat))
        ]
        if silent:
            return min(silent, key=lambda hang: (hang.step, -hang.silent))
        missing = not self.last or (self.ranks is not None and len(self.last) < self.ranks)
        if missing and now - self.begun > self.limits.start:
            absent = [rank for rank in range(self.ranks or 0) if rank not in self.last] if self.last else []
            return Hang(absent[0] if absent else None, "start", 0, now - self.begun, self.limits.start)
        return None

    def _waited_for(self) -> list[tuple[Beat, float]]:
        """Ranks that have said goodbye do not count while another still works."""
        working = [(beat, seen) for beat, seen in self.last.values() if beat.status is None]
        return working or list(self.last.values())

    def limit(self, beat: Beat) -> float:
        """How long a rank that said this may be silent."""
        if beat.status is not None:  # it said goodbye: its launcher has to end as well
            return self.limits.save
        if beat.phase == "train":
            if beat.step == self.first[beat.rank] or not self.times:
                return max(self.limits.start, self.limits.step)
            return max(self.limits.step, self.limits.factor * max(self.times))
        return getattr(self.limits, beat.phase)
