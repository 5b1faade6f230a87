import pytest
from scipy.stats import binomtest

from pixel.monitoring.alerts import Alerts
from pixel.training.callbacks.item_watch import ItemWatch, PairedRegression
from tests.training.callbacks.probes import Told, through_json


def looks(right, of=20):
    return {str(number): number < right for number in range(of)}


@pytest.mark.parametrize(("lost", "won"), [(0, 0), (5, 0), (7, 2), (3, 9)])
def test_the_p_value_is_that_of_a_one_sided_binomial_test(lost, won):
    expected = binomtest(lost, lost + won, alternative="greater").pvalue if lost + won else 1.0
    assert PairedRegression.p_value(lost, won) == pytest.approx(expected)


def test_a_fall_is_told_once_and_again_after_a_recovery():
    watch = PairedRegression(level=0.01)
    shares = [20, 10, 9, 20, 10]
    assert [watch.turned_worse(step, looks(right)) for step, right in enumerate(shares)] == [
        False, True, False, False, True,
    ]  # fmt: skip


def test_items_that_change_both_ways_are_no_regression():
    watch = PairedRegression()
    watch.turned_worse(1, {str(number): number < 11 for number in range(20)})
    assert not watch.turned_worse(2, {str(number): number >= 10 for number in range(20)})
    assert (watch.lost, watch.won) == (10, 9)


def test_the_best_look_stays_the_yardstick_of_a_slow_decline():
    watch = PairedRegression()
    told = [watch.turned_worse(step, looks(20 - 2 * step)) for step in range(6)]
    assert watch.best_step == 0 and told.index(True) == 4  # 8 lost and none won: p = 1/256; 6 lost: 1/64


def test_nothing_to_judge_is_no_regression():
    assert not PairedRegression().turned_worse(1, {})


def test_a_level_out_of_range_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        PairedRegression(level=1.0)


def test_a_checkpoint_carries_the_best_look():
    watch = ItemWatch(Told([]), Alerts())
    watch.items.turned_worse(3, looks(20))
    watch.history.append({"step": 3})
    again = through_json(watch, ItemWatch(Told([]), Alerts()))
    assert again.items.turned_worse(4, looks(5)) and again.items.best_step == 3 and again.history == [{"step": 3}]
