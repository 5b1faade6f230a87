import math

import pytest
from torch.testing import assert_close

from pixel.balancing.schedules.cosine import CosineAnnealing


def course(schedule, steps: int) -> list[float]:
    return [schedule.weights(step)[1].item() for step in range(steps)]


def test_one_cycle_follows_half_a_cosine_from_start_to_end():
    schedule = CosineAnnealing(("a", "b"), 9, start={"b": 3.0}, end={"b": 1.0})
    expected = [2.0 + math.cos(math.pi * step / 8) for step in range(9)]
    assert_close(course(schedule, 9), expected)
    assert schedule.weights(0)[0] == 1.0 and schedule.weights(50)[1] == 1.0


def test_cycles_restart_at_the_start_and_the_run_ends_at_the_end():
    schedule = CosineAnnealing(("a", "b"), 9, start={"b": 0.0}, cycles=2)
    found = course(schedule, 9)
    assert found[0] == found[4] == 0.0
    assert_close(found[2], 0.5)
    assert found[8] == 1.0
    assert found[3] > found[2] and found[4] < found[3]


def test_a_growth_of_two_makes_the_second_cycle_twice_as_long():
    schedule = CosineAnnealing(("a", "b"), 31, start={"b": 0.0}, cycles=2, growth=2)
    found = course(schedule, 31)
    assert found.index(0.0, 1) == 10  # of thirds of 30 steps, the first cycle has one
    assert_close(found[20], 0.5)


def test_by_default_the_first_objective_leads_and_all_end_equal():
    schedule = CosineAnnealing(("a", "b", "c"), 3)
    assert schedule.weights(0).tolist() == pytest.approx([1.0, 0.1, 0.1])
    assert schedule.weights(2).tolist() == pytest.approx([1.0, 1.0, 1.0])
