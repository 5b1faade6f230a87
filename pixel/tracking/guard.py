"""Between training and a tracker: whatever the tracker does, training goes on."""

import queue
import threading
import time
from collections.abc import Callable

REST = 30.0
"""Seconds that a failing tracker is left alone, doubled with each further failure up to an hour."""

LONGEST_REST = 3600.0


class Guarded:
    """
    Does a tracker's work in a thread of its own, in order, from a bounded queue.

    `submit` never waits and never raises. Work that raises, or that finds the queue full or the tracker resting after
    failures, is lost here and named to `lost`, so that it can be done again later. What a tracker says when it fails
    is told once.

    The thread is a daemon: a tracker that hangs for good does not keep the process alive.

    Args:
        name: of the tracker, for messages.
        size: jobs that may wait.
        failures: in a row, until the tracker is left alone for a while.
        tell: takes one line a person should read.

    Example:
        >>> done = []
        >>> guard = Guarded("example")
        >>> guard.submit(lambda: done.append(1)), guard.flush(5.0), done
        (True, True, [1])
        >>> guard.close(5.0)
        True
    """

    def __init__(self, name: str, size: int = 512, failures: int = 3, tell: Callable[[str], None] = print):
        self.name, self.failures, self.tell = name, failures, tell
        self.failed = self.dropped = 0
        self.reason = ""
        self._queue: queue.Queue = queue.Queue(size)
        self._in_a_row, self._rests, self._until, self._told = 0, 0, 0.0, False
        self._closed = False
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def submit(self, work: Callable[[], None], lost: Callable[[], None] | None = None) -> bool:
        """
        Have something done.

        Args:
            work: runs in the tracker's thread.
            lost: called where the work was dropped or failed, in either thread.

        Returns:
            whether it was taken into the queue.
        """
        if not self._closed:
            self._start()
            try:
                self._queue.put_nowait((work, lost))
                return True
            except queue.Full:
                self._complain(f"it is {self._queue.maxsize} entries behind")
        self.dropped += 1
        if lost is not None:
            lost()
        return False

    def flush(self, timeout: float) -> bool:
        """Wait until all that was submitted is done or lost; whether it was in time."""
        if self._thread is None:
            return True
        end = time.monotonic() + timeout
        with self._queue.all_tasks_done:
            while self._queue.unfinished_tasks:
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._queue.all_tasks_done.wait(left)
        return True

    def wake(self) -> None:
        """End a rest: the next job is tried at once."""
        self._until = 0.0

    def close(self, timeout: float) -> bool:
        """Take nothing more, and wait for what is there; whether the tracker is through."""
        done = self.flush(timeout)
        self._closed = True
        if self._thread is not None and done:
            self._queue.put(None)
            self._thread.join(1.0)
        if not done:
            self._complain(f"it did not finish within {timeout:.0f} s and is left behind")
        return done

    # ── the tracker's thread ──

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=f"tracker-{self.name}", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            job = self._queue.get()
            try:
                if job is None:
                    return
                self._do(*job)
            finally:
                self._queue.task_done()

    def _do(self, work: Callable[[], None], lost: Callable[[], None] | None) -> None:
        if time.monotonic() < self._until:
            self.dropped += 1
        else:
            try:
                work()
                self._in_a_row = self._rests = 0
                return
            except BaseException as error:  # a tracker may even call sys.exit; in this thread it ends nothing
                self.failed += 1
                self._in_a_row += 1
                self._complain(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
                if self._in_a_row >= self.failures:
                    self._until = time.monotonic() + min(REST * 2**self._rests, LONGEST_REST)
                    self._rests += 1
        if lost is not None:
            lost()

    def _complain(self, reason: str) -> None:
        self.reason = reason
        if not self._told:
            self._told = True
            self.tell(f"tracking: {self.name} does not take everything, and the run goes on without it: {reason}")
