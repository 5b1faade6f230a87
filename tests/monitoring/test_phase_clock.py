"""One phase at a time, and every second in one of them; on CUDA by events that a stand-in plays here."""

import pytest

from pixel.monitoring.phase_clock import CudaMarks, PhaseClock, WallMarks


class Ticks(WallMarks):
    def __init__(self):
        self.time = 0.0

    def now(self):
        return self.time


def test_the_innermost_phase_has_the_time_and_all_of_it_is_somewhere():
    marks = Ticks()
    clock = PhaseClock(marks=marks)
    clock.start()
    marks.time = 1
    with clock.phase("forward"):
        marks.time = 3
        with clock.phase("communication"):
            marks.time = 7
        marks.time = 8
    marks.time = 13
    assert clock.read() == {"other": 6.0, "forward": 3.0, "communication": 4.0}
    marks.time = 14
    assert clock.read() == {"other": 1.0}


def test_a_closed_phase_keeps_what_happens_inside():
    marks = Ticks()
    clock = PhaseClock(closed=("evaluation",), marks=marks)
    clock.start()
    with clock.phase("evaluation"):
        marks.time = 2
        with clock.phase("forward"):
            marks.time = 5
    assert clock.read() == {"other": 0.0, "evaluation": 5.0}


def test_an_exception_leaves_the_phase():
    marks = Ticks()
    clock = PhaseClock(marks=marks)
    clock.start()
    with pytest.raises(OSError), clock.phase("saving"):
        marks.time = 1
        raise OSError
    marks.time = 3
    assert clock.read() == {"other": 2.0, "saving": 1.0}


def test_a_reading_inside_a_phase_goes_on_in_it():
    marks = Ticks()
    clock = PhaseClock(marks=marks)
    clock.start()
    with clock.phase("logging"):
        marks.time = 2
        assert clock.read() == {"other": 0.0, "logging": 2.0}
        marks.time = 5
    assert clock.read() == {"logging": 3.0, "other": 0.0}


def test_a_clock_that_stands_takes_nothing_down():
    clock = PhaseClock()
    with clock.phase("forward"):
        pass
    assert clock.read() == {}


class Event:
    """A CUDA event of a GPU that is `late` behind the host."""

    host = gpu = made = 0

    def __init__(self):
        Event.made += 1

    def record(self):
        self.at = Event.gpu = max(Event.gpu, Event.host)

    def query(self):
        return Event.host >= self.at

    def synchronize(self):
        Event.host = max(Event.host, self.at)

    def elapsed_time(self, other):
        return 1000.0 * (other.at - self.at)


def test_on_a_gpu_a_phase_lasts_as_long_as_its_kernels_and_waiting_counts_only_where_the_gpu_runs_dry():
    Event.host = Event.gpu = Event.made = 0
    clock = PhaseClock(marks=CudaMarks(Event))
    clock.start()
    with clock.phase("forward"):  # the host takes 1 second to launch 10 seconds of kernels
        Event.host += 1
        Event.gpu += 10
    with clock.phase("data"):  # 4 seconds of loading behind the GPU's back
        Event.host += 4
    with clock.phase("backward"):
        Event.host += 1
        Event.gpu += 2
    with clock.phase("data"):  # 20 seconds, of which the GPU has nothing to do for 14
        Event.host += 20
    assert clock.read() == {"other": 0.0, "forward": 10.0, "data": 14.0, "backward": 2.0}


def test_events_are_used_again_and_nothing_waits_for_the_gpu_within_a_step():
    Event.host = Event.gpu = Event.made = 0
    clock = PhaseClock(marks=CudaMarks(Event))
    clock.start()
    for _ in range(50):
        with clock.phase("forward"):
            Event.gpu += 1
        before = Event.host
        clock.fold()
        assert Event.host == before
        Event.host += 1
    assert Event.made < 12
    assert clock.read()["forward"] == 50.0
