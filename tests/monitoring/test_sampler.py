"""The thread that looks: it goes on after failures, says when it hangs, and costs next to nothing."""

import threading
import time

import pytest

from pixel.monitoring.host import Host
from pixel.monitoring.sampler import Sampler, summary


def until(condition, seconds: float = 5.0) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and not condition():
        time.sleep(0.005)
    return condition()


def test_it_looks_again_and_again_and_ends():
    seen = []
    sampler = Sampler(lambda: seen.append(1) or {"looks": len(seen)}, interval=0.01, keep=3)
    sampler.start()
    assert until(lambda: len(seen) >= 5)
    assert sampler.stop()
    assert [reading["looks"] for reading in sampler.since(0.0)] == list(range(len(seen) - 2, len(seen) + 1))
    assert sampler.since(time.monotonic()) == [{"looks": len(seen)}]  # the last where there is no newer one


def test_a_reading_that_fails_is_counted_and_the_next_one_taken():
    turns = iter([OSError("driver"), {"x": 1.0}, {"x": 2.0}])

    def read():
        turn = next(turns)
        if isinstance(turn, Exception):
            raise turn
        return turn

    sampler = Sampler(read)
    for _ in range(4):
        sampler.look()
    assert sampler.failed == 2 and [r["x"] for r in sampler.since(0.0)] == [1.0, 2.0]  # the last has run out


def test_a_look_that_never_ends_is_noticed():
    release = threading.Event()
    sampler = Sampler(lambda: release.wait(10) and {}, interval=0.01)
    assert sampler.stalled() is None  # it has not begun
    sampler.start()
    assert sampler.stalled() is None
    sampler._looked -= 2  # as if it had begun two seconds ago
    assert sampler.stalled() == pytest.approx(2, abs=1)
    release.set()
    assert sampler.stop()


def test_looking_every_five_seconds_costs_less_than_half_a_percent(tmp_path):
    host = Host(tmp_path)
    started = time.thread_time()
    for _ in range(20):
        host.read()
    assert (time.thread_time() - started) / 20 < 0.005 * 5


def test_readings_are_joined_by_what_they_are():
    said = summary([
        {"cpu_percent": 10.0, "memory_used_share": 0.5, "disk_free_bytes": 9.0, "gpu_throttle": 4.0},
        {"cpu_percent": 30.0, "memory_used_share": 0.4, "disk_free_bytes": 7.0, "gpu_throttle": 32.0},
    ])  # fmt: skip
    assert said == {"cpu_percent": 20.0, "memory_used_share": 0.5, "disk_free_bytes": 7.0, "gpu_throttle": 36.0}


def test_an_interval_of_nothing_is_refused():
    with pytest.raises(ValueError, match="interval is 0"):
        Sampler(dict, interval=0)
