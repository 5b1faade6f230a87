"""Whatever a tracker does, nobody waits for it and nothing is raised."""

import sys
import threading
import time

from pixel.tracking import guard as guards
from pixel.tracking.guard import Guarded


def test_work_is_done_in_order():
    done, guard = [], Guarded("t")
    for number in range(100):
        guard.submit(lambda number=number: done.append(number))
    assert guard.close(10)
    assert done == list(range(100))


def test_a_tracker_that_hangs_holds_nobody_up_and_what_it_lacks_is_named():
    said, lost, never = [], [], threading.Event()
    guard = Guarded("slow", size=3, tell=said.append)
    guard.submit(never.wait)
    time.sleep(0.05)  # the thread has taken it
    started = time.perf_counter()
    taken = [guard.submit(lambda: None, lambda number=number: lost.append(number)) for number in range(10)]
    assert time.perf_counter() - started < 0.05
    assert taken == [True] * 3 + [False] * 7 and lost == list(range(3, 10)) and guard.dropped == 7
    started = time.perf_counter()
    assert not guard.close(0.2)
    assert time.perf_counter() - started < 1.0
    assert len(said) == 1 and "slow" in said[0] and "3 entries behind" in said[0]
    assert not guard.submit(lambda: None)
    never.set()


def test_an_error_is_told_once_and_the_next_work_is_done():
    said, lost, done = [], [], []
    guard = Guarded("t", tell=said.append)

    def fails():
        raise OSError("No space left on device\nin two lines")

    guard.submit(fails, lambda: lost.append(1))
    guard.submit(lambda: done.append(1))
    guard.submit(fails, lambda: lost.append(2))
    assert guard.close(10)
    assert lost == [1, 2] and done == [1] and guard.failed == 2
    assert len(said) == 1 and "OSError: No space left on device in two lines" in said[0]


def test_even_an_exit_ends_nothing():
    guard, done = Guarded("t", tell=lambda line: None), []
    guard.submit(lambda: sys.exit(3))
    guard.submit(lambda: done.append(1))
    assert guard.close(10) and done == [1]


def test_after_three_failures_it_is_left_alone_until_it_is_woken(monkeypatch):
    monkeypatch.setattr(guards, "REST", 1000.0)
    tried, lost = [], []

    def fails():
        tried.append(1)
        raise ConnectionError("gone")

    guard = Guarded("t", tell=lambda line: None)
    for _ in range(10):
        guard.submit(fails, lambda: lost.append(1))
    assert guard.flush(10) and len(tried) == 3 and len(lost) == 10
    guard.wake()
    done = []
    guard.submit(lambda: done.append(1))
    assert guard.close(10) and done == [1]


def test_a_guard_without_work_starts_no_thread():
    before = threading.active_count()
    guard = Guarded("t")
    assert guard.flush(1) and guard.close(1) and threading.active_count() == before
