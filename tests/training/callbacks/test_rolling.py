"""A rolling figure: its mean, its interval, and when it has turned worse."""

import json

import numpy as np
import pytest

from pixel.training.callbacks.rolling import RollingFigure


def filled(values, spread=0.01, window=3, **options) -> RollingFigure:
    figure = RollingFigure(window, **options)
    for step, value in enumerate(values):
        figure.add(step, value, [value - spread, value, value + spread])
    return figure


def test_the_mean_is_over_the_last_looks():
    assert filled([1.0, 0.1, 0.2, 0.3]).mean == pytest.approx(0.2)
    assert filled([0.1]).mean == pytest.approx(0.1)
    assert RollingFigure(3).mean is None and RollingFigure(3).interval is None


def test_the_interval_is_of_the_mean_of_each_draw():
    looks = np.random.default_rng(0).normal(0.5, 0.1, (3, 1000))
    figure = RollingFigure(3)
    for step, draws in enumerate(looks):
        figure.add(step, 0.5, list(draws))
    low, high = figure.interval
    assert high - low == pytest.approx(2 * 1.96 * 0.1 / np.sqrt(3), rel=0.1)  # the spread of a mean of three


def test_draws_that_are_undefined_are_left_out_and_too_many_of_them_give_no_interval():
    figure = RollingFigure(1)
    figure.add(0, 0.5, [None, 0.4, 0.6])
    assert figure.interval is None  # two draws are no distribution
    figure.add(0, 0.5, [None, 0.4, 0.5, 0.6])
    assert figure.interval == pytest.approx((0.405, 0.595))
    figure.add(1, 0.5, [None, None, None, 0.4, 0.5])
    assert figure.interval is None


def test_one_lucky_look_sets_no_best():
    figure = filled([0.9, 0.3])
    assert figure.best is None
    figure = filled([0.9, 0.3, 0.3, 0.3])
    assert (figure.best, figure.best_step) == (pytest.approx(0.5), 2)


def test_turned_worse_is_true_once_and_again_after_a_recovery():
    figure = filled([0.8], window=1)
    said = []
    for step, value in enumerate([0.795, 0.6, 0.5, 0.8, 0.6], start=1):
        figure.add(step, value, [value - 0.01, value, value + 0.01])
        said.append(figure.turned_worse(least=0.02))
    assert said == [False, True, False, False, True]


def test_a_change_smaller_than_the_least_is_none():
    figure = filled([0.8, 0.75], window=1)
    assert not figure.turned_worse(least=0.06)
    assert figure.turned_worse(least=0.04)


def test_a_change_within_its_own_errors_is_none():
    figure = RollingFigure(1)
    figure.add(0, 0.8, [0.7, 0.8, 0.9])
    figure.add(1, 0.6, [0.7, 0.6, 0.5])  # lower by 0, 0.2, 0.4 on the same resamples: a deviation of .163
    assert not figure.turned_worse(errors=1.3)
    assert figure.turned_worse(errors=1.2)


def test_what_moves_all_resamples_alike_is_sure_however_wide_the_interval():
    figure = filled([0.8, 0.7], spread=0.4, window=1)
    assert figure.interval[1] > 0.8 and figure.turned_worse()


def test_where_lower_is_better_a_rise_is_worse():
    figure = filled([0.1, 0.3], window=1, higher_is_better=False)
    assert figure.best == 0.1 and figure.turned_worse()
    assert not filled([0.3, 0.1], window=1, higher_is_better=False).turned_worse()


def test_without_an_interval_nothing_is_claimed():
    figure = RollingFigure(1)
    figure.add(0, 0.9)
    figure.add(1, 0.1)
    assert not figure.turned_worse()


def test_it_goes_on_after_a_checkpoint():
    whole, first, second = filled([0.5, 0.6, 0.7, 0.2]), filled([0.5, 0.6]), RollingFigure(3)
    second.load(json.loads(json.dumps(first.state())))
    for step, value in ((2, 0.7), (3, 0.2)):
        second.add(step, value, [value - 0.01, value, value + 0.01])
    assert second.state() == whole.state()


def test_another_number_of_draws_after_a_resume_does_no_harm():
    figure = filled([0.5, 0.5])
    figure.add(2, 0.5, [0.4, 0.6])
    assert figure.interval is None and figure.mean == 0.5


def test_a_window_of_nothing_is_refused():
    with pytest.raises(ValueError, match="window is 0"):
        RollingFigure(0)
