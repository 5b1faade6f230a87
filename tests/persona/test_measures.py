"""Detection, smoothness, consistency, offsets and quality: figures worked out by hand."""

import numpy as np
import pytest

from pixel.clinical.appropriateness.pair_features import Pair
from pixel.persona.consistency import drift, held_share, stretches
from pixel.persona.detection import detection_accuracy, detection_macro_f1
from pixel.persona.operating_point import fit_offsets, shifted
from pixel.persona.reply_quality import KeepsTheRules, quality_by_mode
from pixel.persona.scores import Followed, scores
from pixel.persona.smoothness import excess_variation, flips_back, needless_flips, reply_continuity
from pixel.persona.tracks import likeliest, steady

T, A, H = "therapy", "assistant", "hybrid"


def test_detection_counts_turns_in_the_mode_they_need():
    assert detection_accuracy([T, A, H, A], [T, A, A, T]).value == 0.5
    assert detection_accuracy([], []).value is None


def test_macro_f1_weighs_a_rare_mode_as_much_as_a_common_one():
    # therapy: F1 2*3/(2*3+0+1) = 6/7 with the hybrid turn called therapy; hybrid: 0
    assert detection_macro_f1([T, T, T, H], [T, T, T, T]).value == pytest.approx((6 / 7 + 0) / 2)


def test_a_mode_left_and_taken_up_again_within_two_turns_is_one_flip_back():
    assert flips_back([A, T, A, A, A]) == 1
    assert flips_back([A, T, T, T, A]) == 0
    assert flips_back([A, T, A, T, A]) == 3
    assert needless_flips([A, T, A, A], [A, T, A, A]) == 0


def test_a_straight_track_has_no_excess_and_a_leaping_one_nearly_all():
    straight = [[0.8, 0.2, 0], [0.6, 0.4, 0], [0.2, 0.8, 0]]
    assert excess_variation(straight, [T, T, T]).value == pytest.approx(0.0)
    leaping = [[1, 0, 0], [0, 1, 0], [1, 0, 0]]
    assert excess_variation(leaping, [T, T, T]).value == pytest.approx(1.0)


def test_the_change_at_a_needed_switch_is_no_excess():
    assert excess_variation([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]], [T, T, A, A]).value == 0.0
    assert excess_variation([[1, 0, 0], [0, 1, 0]], [T, A]).reason == "no two turns in one mode"


def test_continuity_compares_the_reply_at_the_switch_with_distant_pairs():
    replies = np.array([[1, 0], [1, 0], [0, 1]], dtype=float)
    assert reply_continuity(replies, [1]).value == pytest.approx(1.0)  # 1 with the one before, 0 over the distance
    assert reply_continuity(replies, [2]).value == pytest.approx(0.0)
    assert reply_continuity(replies, [0]).value is None
    with pytest.raises(ValueError, match="outside 3 replies"):
        reply_continuity(replies, [3])


def test_steadiness_is_measured_between_needed_switches_only():
    assert stretches([A, A, T, T, T]) == [(0, 2), (2, 5)]
    assert held_share([A, A, T, T, T], [A, A, A, T, T]).value == pytest.approx(2 / 3)  # late by one: 1 of 3 moved
    assert held_share([A, A, T, T, T], [A, A, A, T, T], settle=1).value == 1.0
    assert held_share([A], [A]).value is None


def test_drift_is_the_slope_per_ten_turns():
    assert drift([0.9, 0.8, 0.7, 0.6]).value == pytest.approx(-1.0)
    assert drift([0.5] * 5).value == pytest.approx(0.0)
    assert drift([0.9, 0.1, 0.2]).value is None


def test_offsets_undo_a_known_shift_and_leave_probabilities_alone_where_all_are_equal():
    generator = np.random.default_rng(0)
    raw = generator.dirichlet([2, 2, 1], size=4000)
    needed = [(T, A, H)[generator.choice(3, p=row)] for row in raw]  # what the raw probabilities say, exactly
    offsets = fit_offsets(shifted(raw, [1.5, 0.0, 0.5]), needed)  # therapy too likely, hybrid a little
    assert offsets == pytest.approx([0.0, 1.5, 1.0], abs=0.15)
    np.testing.assert_allclose(shifted(raw, [0.7, 0.7, 0.7]), raw, atol=1e-9)
    with pytest.raises(ValueError, match="0 turns"):
        fit_offsets(np.empty((0, 3)), [])


def test_hysteresis_begins_in_the_mode_of_the_first_turn_and_outlasts_one_odd_turn():
    track = np.array([[0.9, 0.1, 0.0], [0.45, 0.55, 0.0], [0.9, 0.1, 0.0]])
    assert likeliest(track) == [T, A, T]
    assert steady(track) == [T, T, T]
    assert steady(track, switch=[0, 0.95, 0.95]) == [T, A, T]  # a certain switch does not wait
    calm = np.array([[0.1, 0.9, 0.0], [0.1, 0.9, 0.0]])
    assert steady(calm) == [A, A] and steady(calm, risk=[0.0, 0.6]) == [A, T]  # nor does severe risk
    assert steady(np.empty((0, 3))) == []


def test_scores_name_their_turns_switches_and_reasons():
    few = [Followed("a", [A, A, T], [A, A, T]), Followed("b", [T, T, T], [T, A, T])]
    found = scores(few, ["detection_accuracy", "switch_recall", "therapy_auc"], resamples=50)
    assert found["detection_accuracy"].value == pytest.approx(5 / 6) and found["detection_accuracy"].n == 6
    assert found["detection_accuracy"].low <= 5 / 6 <= found["detection_accuracy"].high
    assert (found["switch_recall"].value, found["switch_recall"].n) == (1.0, 1)
    assert found["therapy_auc"].reason == "no probabilities"


def test_quality_is_measured_where_a_mode_has_a_measure_and_abstention_is_left_out():
    class Verdict:
        def __init__(self, violations, abstains=None):
            self.violations, self.abstains = violations, abstains

    class Detector:
        def judge(self, pairs):
            made = {"good": Verdict(()), "bad": Verdict(("rule",)), "": Verdict((), "empty")}
            return [made[pair.reply] for pair in pairs]

    pairs = [Pair("x", "good"), Pair("x", "bad"), Pair("x", ""), Pair("x", "good")]
    found = quality_by_mode(pairs, [T, T, T, A], {T: KeepsTheRules(Detector())})
    assert found[T][0].value == 0.5 and found[T][1] == [1.0, 0.0, None]
    assert found[A][0].value is None and found[H][0].value is None
