"""Mean relative change over tasks."""

import pytest

from pixel.metrics.delta_m import delta_m


def test_a_gain_is_negative_and_a_loss_positive():
    base = {"a": {"f1": 0.5}, "b": {"r": 0.4}}
    assert delta_m({"a": {"f1": 0.6}, "b": {"r": 0.4}}, base) == pytest.approx(-10.0)
    assert delta_m({"a": {"f1": 0.5}, "b": {"r": 0.3}}, base) == pytest.approx(12.5)


def test_a_task_with_many_metrics_counts_once():
    base = {"a": {"f1": 0.5, "auc": 0.5, "r": 0.5}, "b": {"r": 0.5}}
    better = {"a": {"f1": 0.55, "auc": 0.55, "r": 0.55}, "b": {"r": 0.45}}
    assert delta_m(better, base) == pytest.approx(0.0)


def test_metrics_that_one_side_lacks_are_left_out():
    base = {"a": {"f1": 0.5, "auc": 0.8}, "b": {"r": 0.5}}
    assert delta_m({"a": {"f1": 0.4}}, base) == pytest.approx(20.0)


def test_nothing_to_compare_is_an_error():
    with pytest.raises(ValueError, match="no metric in common"):
        delta_m({"a": {"f1": 1.0}}, {"b": {"f1": 1.0}})
    with pytest.raises(ValueError, match="a/f1 of the baseline is 0"):
        delta_m({"a": {"f1": 1.0}}, {"a": {"f1": 0.0}})
