"""A ceiling that progress refills; waits that double and scatter."""

import pytest

from pixel.orchestration.restarts import Restarts


def test_without_progress_the_ceiling_is_soon_reached():
    restarts = Restarts(ceiling=3)
    assert [restarts.after(10) is not None for _ in range(4)] == [True, True, True, False]


def test_a_fault_a_day_never_reaches_it():
    restarts = Restarts(ceiling=1)
    assert all(restarts.after(step) is not None for step in range(100, 5000, 100))


def test_a_step_back_is_no_progress():
    restarts = Restarts(ceiling=2)
    assert [restarts.after(step) is not None for step in (500, 400, 500)] == [True, True, False]


def test_the_wait_doubles_up_to_the_longest_within_half_and_one_and_a_half():
    restarts = Restarts(ceiling=8, first=4, longest=30)
    for expected in (4, 8, 16, 30, 30):
        assert expected * 0.5 <= restarts.after(0) < expected * 1.5
    assert 2 <= restarts.after(1) < 6  # progress: from the beginning


def test_the_same_seed_waits_the_same_and_another_otherwise():
    waits = [[Restarts(seed=seed).after(0) for _ in range(1)] for seed in (1, 1, 2)]
    assert waits[0] == waits[1] != waits[2]


def test_a_ceiling_of_none_gives_up_at_once_and_nonsense_is_refused():
    assert Restarts(ceiling=0).after(5) is None
    with pytest.raises(ValueError, match="not below 0. Mend:"):
        Restarts(ceiling=-1)
