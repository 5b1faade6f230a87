import numpy as np
import pytest

from pixel.metrics import Measure, bootstrap_interval


def mean_of(values):
    return lambda indices: Measure(float(values[indices].mean()))


def test_interval_of_a_mean_is_that_of_the_normal_approximation():
    values = np.random.default_rng(0).normal(size=400)
    low, high = bootstrap_interval(mean_of(values), 400, resamples=2000)
    half = 1.96 * values.std() / np.sqrt(400)
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.02)


def test_turns_of_one_person_are_drawn_together_and_widen_the_interval():
    people = np.repeat(np.arange(20), 10)
    values = np.random.default_rng(1).normal(size=20)[people]  # every turn of a person is alike
    alone = bootstrap_interval(mean_of(values), 200)
    together = bootstrap_interval(mean_of(values), 200, groups=people)
    assert together[1] - together[0] > 2 * (alone[1] - alone[0])


def test_whole_groups_are_drawn():
    drawn = []

    def statistic(indices):
        drawn.append(sorted(indices))
        return Measure(1.0)

    bootstrap_interval(statistic, 4, groups=["a", "b", "a", "b"], resamples=20)
    assert {tuple(draw) for draw in drawn} <= {(0, 0, 2, 2), (0, 1, 2, 3), (1, 1, 3, 3)}


def test_the_same_seed_gives_the_same_interval():
    values = np.arange(30.0)
    assert bootstrap_interval(mean_of(values), 30, seed=4) == bootstrap_interval(mean_of(values), 30, seed=4)


def test_one_person_gives_no_interval():
    assert bootstrap_interval(mean_of(np.arange(5.0)), 5, groups=["a"] * 5) is None


def test_a_mostly_undefined_statistic_gives_no_interval():
    assert bootstrap_interval(lambda indices: Measure(None, "nothing"), 5) is None


def test_groups_of_another_length_are_refused():
    with pytest.raises(ValueError, match="3 groups for 5 turns"):
        bootstrap_interval(mean_of(np.arange(5.0)), 5, groups=["a"] * 3)
