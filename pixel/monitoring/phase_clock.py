"""Where the time of a run goes: one phase at a time, all of it accounted for."""

import time
from collections import deque
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

OTHER = "other"


class WallMarks:
    """Points in time of the host."""

    def now(self) -> float:
        return time.perf_counter()

    def ready(self, mark: float) -> bool:
        return True

    def wait(self, mark: float) -> None:
        pass

    def between(self, first: float, second: float) -> float:
        return second - first

    def done_with(self, mark: float) -> None:
        pass


class CudaMarks:
    """
    Points in the work of the current CUDA stream: events, recorded without waiting and read when they have passed.

    A stream that runs dry while the host loads data reaches the next event late, so waiting counts where it hurts;
    data loaded behind the GPU's back costs nothing, as it should.

    Args:
        event: makes one; `torch.cuda.Event(enable_timing=True)` by default.
    """

    def __init__(self, event: Callable[[], Any] | None = None):
        if event is None:
            import torch

            def event():
                return torch.cuda.Event(enable_timing=True)

        self._make, self._spare = event, []

    def now(self) -> Any:
        mark = self._spare.pop() if self._spare else self._make()
        mark.record()
        return mark

    def ready(self, mark: Any) -> bool:
        return mark.query()

    def wait(self, mark: Any) -> None:
        mark.synchronize()

    def between(self, first: Any, second: Any) -> float:
        return first.elapsed_time(second) / 1000

    def done_with(self, mark: Any) -> None:
        self._spare.append(mark)


class PhaseClock:
    """
    Adds up the time of phases. At any moment exactly one is on: the innermost entered, or `other`.

    So the sums add up to the time that passed. A phase in `closed` keeps all that happens within it (an evaluation's
    forward passes are evaluation).

    Args:
        closed: phases that no phase entered inside takes time from.
        marks: `WallMarks` or `CudaMarks`.
    """

    def __init__(self, closed: tuple[str, ...] = (), marks: Any = None):
        self.closed, self.marks = closed, marks if marks is not None else WallMarks()
        self._stack: list[str] = [OTHER]
        self._open: deque[tuple[str, Any]] = deque()
        self._totals: dict[str, float] = {}

    def start(self) -> None:
        """Begin; what came before does not count."""
        self._stack, self._totals = [OTHER], {}
        self._open = deque([(OTHER, self.marks.now())])

    @contextmanager
    def phase(self, name: str):
        """`with clock.phase("forward"): ...`"""
        entered = self.enter(name)
        try:
            yield
        finally:
            if entered:
                self.leave()

    def enter(self, name: str) -> bool:
        """Switch to a phase. False, and nothing done, inside a closed one, or where the clock stands."""
        if not self._open or self._stack[-1] in self.closed:
            return False
        self._stack.append(name)
        self._open.append((name, self.marks.now()))
        return True

    def leave(self) -> None:
        """Back to the phase around."""
        if len(self._stack) > 1:
            self._stack.pop()
            self._open.append((self._stack[-1], self.marks.now()))

    def fold(self) -> None:
        """Add up what has passed; nothing waits. Call it once a step, so that marks do not pile up."""
        while len(self._open) > 1 and self.marks.ready(self._open[1][1]):
            self._add_first()

    def read(self) -> dict[str, float]:
        """Seconds by phase since `start` or the reading before, and a new count from here."""
        if not self._open:
            return {}
        self._open.append((self._stack[-1], self.marks.now()))
        self.marks.wait(self._open[-1][1])
        while len(self._open) > 1:
            self._add_first()
        totals, self._totals = self._totals, {}
        return totals

    def _add_first(self) -> None:
        name, mark = self._open.popleft()
        self._totals[name] = self._totals.get(name, 0.0) + self.marks.between(mark, self._open[0][1])
        self.marks.done_with(mark)
