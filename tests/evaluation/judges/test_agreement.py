"""Agreement, position bias and self-consistency of judges whose faults are known."""

import numpy as np
import pytest

from pixel.evaluation.judges.agreement import choices, measure_agreement


def measure(judge, pairs, **more):
    return measure_agreement(judge, pairs, "empathy", "made up", **more)


def test_one_who_says_what_people_say_is_validated(oracle, pairs):
    found = measure(oracle(), pairs)
    assert (found.value, found.low, found.high, found.length) == (1.0, 1.0, 1.0, 0.5)
    assert found.validated and found.margin > 0 and found.n == found.groups == 60
    assert (found.first_place, found.swap_consistent, found.self_consistent) == (0.5, 1.0, 1.0)


def test_one_who_guesses_is_not(oracle, pairs):
    found = measure(oracle(wrong=0.5), pairs)
    assert found.low < 0.5 < found.high and not found.validated
    assert "not validated: agreement is not above chance" in found.line()


def test_one_who_always_takes_the_first_has_no_opinion(oracle, pairs):
    found = measure(oracle(first=100.0, wrong=0.5), pairs)
    assert found.first_place == 1.0 and found.swap_consistent == 0.0 and not found.validated


def test_a_bias_that_swapping_cancels_costs_no_agreement(oracle, pairs):
    found = measure(oracle(first=3.0), pairs)
    assert found.value == 1.0 and found.first_place == 1.0 and found.swap_consistent == 0.0


def test_one_who_only_sees_length_is_above_chance_and_still_not_validated(oracle, pairs):
    class Longer(oracle):
        def prefer(self, pairs, criterion, repeat):
            odds = np.array([len(pair.first.reply) - len(pair.second.reply) for pair in pairs], dtype=float)
            return np.stack([odds, odds], 1)

    chosen = [
        pair for number, pair in enumerate(pairs) if number % 2 == 0 or number % 6 == 1
    ]  # longer is better in 3/4
    found = measure(Longer(), chosen)
    assert found.value == found.length == 0.75 and found.above_chance and not found.validated
    assert found.reason() == "no better than the length of the replies"


def test_moods_show_as_inconsistency(oracle, pairs):
    found = measure(oracle(wrong=0.3, moody=True), pairs)
    assert 0.2 < found.self_consistent < 0.6  # three alike: .7^3 + .3^3 = .37


def test_a_tie_counts_half():
    given = np.zeros((3, 2, 2))
    given[:, 1] = 1.0
    assert choices(given).tolist() == [0.5, 1.0]


def test_copies_of_a_pair_in_one_group_make_no_interval_narrower(oracle, pairs):
    class Same(oracle):
        def prefer(self, pairs, criterion, repeat):
            return np.concatenate([super().prefer(pairs[:60], criterion, repeat)] * (len(pairs) // 60))

    judge = Same(wrong=0.3)
    once, doubled = measure(judge, pairs), measure(judge, pairs + pairs)
    assert doubled.groups == 60 and doubled.n == 120
    assert (doubled.value, doubled.low, doubled.high) == pytest.approx((once.value, once.low, once.high))


def test_a_handful_of_groups_validates_nobody(oracle, pairs):
    found = measure(oracle(), pairs[:7])
    assert found.above_chance and not found.validated and found.reason() == "7 groups, at least 8 needed"


def test_pairs_nobody_decided_cannot_measure_anyone(oracle):
    with pytest.raises(ValueError, match="people decided"):
        measure(oracle(), [])
