import math

import torch
from torch.testing import assert_close

from pixel.balancing.schedules.dwa import DynamicWeightAverage


def feed(schedule, *windows):
    step = 0
    for window in windows:
        for losses in window:
            schedule.observe(step, torch.tensor(losses))
            step += 1
    return schedule.weights(step)


def test_ratios_of_a_half_and_one_give_the_softmax_by_hand():
    weights = feed(DynamicWeightAverage(("a", "b"), 100, window=1), [(4.0, 3.0)], [(2.0, 3.0)])
    a, b = math.exp(0.5 / 2.0), math.exp(1.0 / 2.0)
    assert_close(weights, torch.tensor([2 * a / (a + b), 2 * b / (a + b)], dtype=torch.float64))


def test_weights_are_one_over_the_first_two_windows():
    schedule = DynamicWeightAverage(("a", "b"), 100, window=2)
    for step, losses in enumerate([(9.0, 1.0), (5.0, 1.0), (1.0, 1.0)]):
        schedule.observe(step, torch.tensor(losses))
        assert_close(schedule.weights(step + 1), torch.ones(2, dtype=torch.float64))


def test_the_mean_of_a_window_is_over_the_labelled_steps():
    nan = math.nan
    gaps = DynamicWeightAverage(("a", "b"), 100, window=2)
    found = feed(gaps, [(2.0, 4.0), (4.0, nan)], [(nan, 1.0), (6.0, 3.0)])
    # means 3 and 4, then 6 and 2
    expected = torch.softmax(torch.tensor([2.0, 0.5], dtype=torch.float64) / 2.0, 0) * 2
    assert_close(found, expected)


def test_an_objective_missing_from_a_window_keeps_its_ratio_and_its_last_mean():
    nan = math.nan
    schedule = DynamicWeightAverage(("a", "b"), 100, window=1)
    feed(schedule, [(1.0, 8.0)], [(1.0, 4.0)], [(1.0, nan)])
    assert_close(schedule.ratio, torch.tensor([1.0, 0.5], dtype=torch.float64))
    schedule.observe(3, torch.tensor([1.0, 1.0]))
    assert_close(schedule.ratio[1].item(), 0.25)  # against 4, the last mean there was


def test_by_default_a_window_is_a_twentieth_of_the_run():
    assert DynamicWeightAverage(("a", "b"), 400).window == 20
    assert DynamicWeightAverage(("a", "b"), 5).window == 1
