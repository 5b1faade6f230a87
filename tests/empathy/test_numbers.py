"""Measures that are numbers in, number out: values worked out by hand or by another road, and planted differences."""

import numpy as np
import pytest

from pixel.empathy.chance_distance import chance_distance
from pixel.empathy.corrected_share import corrected_share, length_weights
from pixel.empathy.energy import energy_distance
from pixel.empathy.human_range import human_range
from pixel.empathy.icc import icc_agreement, spread_ratio
from pixel.empathy.likeness import fit_likeness, likeness_out_of_fold
from pixel.empathy.partners import length_matched
from pixel.empathy.specificity import specificity
from pixel.empathy.turn_consistency import turn_consistency
from pixel.metrics.ks_distance import ks_distance

# ── intraclass correlation ──


def test_icc_equals_the_published_worked_example():
    # Shrout & Fleiss 1979, table 2: six targets, four judges, ICC(2,1) = .29
    table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    assert icc_agreement(table).value == pytest.approx(0.29, abs=0.005)


def test_same_reading_of_all_wordings_is_perfect_agreement():
    assert icc_agreement([[1, 1, 1], [2, 2, 2], [5, 5, 5]]).value == pytest.approx(1.0)
    assert spread_ratio([[1, 1, 1], [2, 2, 2], [5, 5, 5]]).value == pytest.approx(0.0)


def test_readings_at_random_agree_at_zero_and_spread_by_wording_alone():
    table = np.random.default_rng(0).normal(size=(3000, 4))
    assert icc_agreement(table).value == pytest.approx(0.0, abs=0.03)
    # means of four unit normals have a standard deviation of 1/2: the ratio is 2
    assert spread_ratio(table).value == pytest.approx(2.0, abs=0.1)


def test_a_version_read_higher_throughout_lowers_agreement():
    table = np.repeat(np.arange(10.0)[:, None], 3, 1)
    shifted = table + [0, 0, 4]
    assert icc_agreement(shifted).value < icc_agreement(table).value


def test_agreement_of_constant_readings_is_undefined_and_says_so():
    assert icc_agreement(np.ones((5, 3))).reason == "all readings are the same"
    assert icc_agreement([[1.0, 2.0]]).value is None


# ── over turns ──


def _turns(noise, level_of_group=None, seed=0):
    draw = np.random.default_rng(seed)
    groups, states = np.repeat(np.arange(30), 8), draw.random(240)
    levels = states if level_of_group is None else level_of_group[groups]
    return levels + noise * draw.normal(size=240), states, groups


def test_same_state_always_answered_alike_is_near_one_and_unrelated_answers_near_zero():
    steady = turn_consistency(*_turns(0.0)).value
    assert steady > 0.8  # states up to .1 apart count as the same, so not quite 1
    levels, states, groups = _turns(0.0)
    dealt = np.random.default_rng(1).permutation(levels)
    assert abs(turn_consistency(dealt, states, groups).value) < 0.1


def test_more_whim_is_less_consistency():
    values = [turn_consistency(*_turns(noise)).value for noise in (0.0, 0.2, 1.0)]
    assert values == sorted(values, reverse=True)


def test_a_handful_of_turns_says_nothing():
    found = turn_consistency([0.1, 0.2, 0.3], [0.5, 0.5, 0.5], ["a", "a", "b"])
    assert found.value is None and "10 needed" in found.reason


# ── specificity and partners ──


def test_specificity_by_hand():
    # reply 0 lies at 60 degrees to its own message and at 90 to the other's: cos 60 - cos 90
    messages = np.array([[1.0, 0, 0], [0, 1.0, 0]])
    replies = np.array([[0.5, 0, np.sqrt(0.75)], [0, 0, 1.0]])
    np.testing.assert_allclose(specificity(replies, messages, ["a", "b"]), [0.5, 0.0], atol=1e-12)


def test_a_reply_to_everybody_is_specific_to_nobody():
    messages = np.eye(4)
    everybody = np.full((4, 4), 0.5)
    np.testing.assert_allclose(specificity(everybody, messages, list("abcd")), 0.0, atol=1e-12)


def test_messages_of_the_same_thread_are_not_others():
    found = specificity(np.eye(2), np.eye(2), ["a", "a"])
    assert np.isnan(found).all()


def test_partners_are_of_other_groups_and_of_like_length():
    draw = np.random.default_rng(0)
    lengths, groups = draw.integers(3, 200, size=400), draw.integers(0, 50, size=400)
    partner = length_matched(lengths, groups, candidates=64)
    assert (groups[partner] != groups).all()
    assert np.abs(np.log(lengths[partner] / lengths)).mean() < 0.1
    assert length_matched([3, 4], ["a", "a"]).tolist() == [-1, -1]


# ── profiles ──


def test_energy_distance_of_single_columns_by_hand():
    # columns are divided by the people's standard deviation (1): across |0-4|,|2-4| twice each, within 2 and 0
    found = energy_distance(np.array([[0.0], [2.0]]), np.array([[4.0], [4.0]]), deals=10)
    assert found.value == pytest.approx(2 * (4 + 2 + 4 + 2) / 4 - 2 - 0)


def test_energy_distance_finds_a_planted_shift_and_keeps_its_false_alarms():
    draw = np.random.default_rng(0)
    shifted = energy_distance(draw.normal(size=(120, 5)), draw.normal(size=(40, 5)) + 0.8, deals=200)
    assert shifted.p < 0.02 and shifted.value > shifted.chance
    alarms = [
        energy_distance(draw.normal(size=(30, 3)), draw.normal(size=(15, 3)), deals=60, seed=n).p < 0.1
        for n in range(100)
    ]
    assert sum(alarms) <= 19  # 10 expected; 19 has a chance of about .003


def test_energy_distance_sees_what_single_columns_hide():
    draw = np.random.default_rng(0)
    one = draw.normal(size=(300, 1))
    people = np.hstack([one, one + 0.1 * draw.normal(size=(300, 1))])
    model = np.hstack([draw.normal(size=(100, 1)), draw.normal(size=(100, 1))])  # same columns, not tied together
    assert energy_distance(people, model, deals=100).p < 0.02


def test_human_range_holds_most_people_and_not_strangers():
    draw = np.random.default_rng(0)
    people = draw.normal(size=(800, 4)) * [1, 10, 0.1, 1]
    fitted = human_range(people)
    assert 0.90 < fitted.inside(draw.normal(size=(800, 4)) * [1, 10, 0.1, 1]).mean() < 0.99
    assert not fitted.inside(np.array([[0, 0, 1.0, 0]])).any()  # ten standard deviations of its column
    assert fitted.distance(fitted.middle[None]) == pytest.approx(0.0)


def test_too_few_people_are_refused():
    with pytest.raises(ValueError, match="at least 20 needed"):
        human_range(np.zeros((5, 2)))


def test_likeness_is_the_log_odds_of_two_normals():
    # unit variances, means +1 and -1 in the first column: log odds are 2 x
    draw = np.random.default_rng(0)
    good = np.arange(4000) % 2 == 0
    profile = draw.normal(size=(4000, 2)) + np.where(good, 1.0, -1.0)[:, None] * [1, 0]
    found = fit_likeness(profile, good)
    np.testing.assert_allclose(found.weight, [2, 0], atol=0.15)
    assert found(np.array([[0.0, 0.0]])) == pytest.approx(0.0, abs=0.1)


def test_likeness_out_of_fold_sees_nothing_where_there_is_nothing():
    draw = np.random.default_rng(0)
    profile, good, folds = draw.normal(size=(200, 20)), draw.random(200) < 0.5, np.arange(200) % 5
    found = likeness_out_of_fold(profile, good, folds)
    assert np.corrcoef(found, good)[0, 1] < 0.2  # in-sample it would be .4 and more
    assert np.corrcoef(fit_likeness(profile, good)(profile), good)[0, 1] > 0.25


# ── shares and chance ──


def test_corrected_share_undoes_a_readers_errors():
    draw = np.random.default_rng(0)
    people, model = draw.random(20000) < 0.3, draw.random(20000) < 0.7

    def read(truth):  # hits 80 percent, false alarms 25 percent
        return draw.random(len(truth)) < np.where(truth, 0.8, 0.25)

    said = read(model)
    assert abs(said.mean() - 0.7) > 0.05
    assert corrected_share(said, read(people), people).value == pytest.approx(0.7, abs=0.03)


def test_a_reader_that_errs_on_long_turns_is_corrected_by_long_turns():
    draw = np.random.default_rng(0)

    def talk(size, share, long):  # hits 90 percent; false alarms 5 percent on short turns and 50 on long ones
        words = np.where(draw.random(size) < long, 60, 8)
        truth = draw.random(size) < share
        return words, truth, draw.random(size) < np.where(truth, 0.9, np.where(words > 30, 0.5, 0.05))

    words, truth, read = talk(20000, 0.3, 0.1)
    own, _, said = talk(4000, 0.2, 1.0)
    assert corrected_share(said, read, truth).value > 0.5
    weights = length_weights(words, own)
    assert corrected_share(said, read, truth, weights).value == pytest.approx(0.2, abs=0.04)
    assert weights.mean() == pytest.approx(1.0)


def test_length_weights_make_people_as_long_as_the_model():
    draw = np.random.default_rng(0)
    people, model = draw.integers(1, 100, 5000), draw.integers(40, 100, 700)
    weights = length_weights(people, model, bins=20)
    assert np.average(people, weights=weights) == pytest.approx(model.mean(), abs=3)


def test_a_reader_that_guesses_is_not_corrected():
    draw = np.random.default_rng(0)
    found = corrected_share(draw.random(50) < 0.5, draw.random(500) < 0.5, draw.random(500) < 0.5)
    assert found.value is None and "barely exceed" in found.reason
    assert corrected_share(np.ones(3, bool), np.ones(4, bool), np.ones(4, bool)).value is None


def test_chance_distance_covers_people_and_not_a_shift():
    people = np.random.default_rng(0).normal(size=400)
    median, edge = chance_distance(ks_distance, people, 50)
    assert 0 < median < edge
    assert ks_distance(people, np.random.default_rng(1).normal(size=50)).value < 1.5 * edge
    assert ks_distance(people, np.random.default_rng(1).normal(size=50) + 1).value > edge
    assert chance_distance(ks_distance, people[:3], 50) is None


def test_chance_among_sessions_that_differ_is_wider_than_among_their_turns():
    draw = np.random.default_rng(0)
    session = np.arange(20).repeat(20)
    people = draw.normal(size=20)[session] + 0.1 * draw.normal(size=400)
    turns, few = (chance_distance(ks_distance, people, 60, *groups) for groups in ((), (session, 3)))
    assert few[0] > turns[1]
    many = chance_distance(ks_distance, people, 60, session, 10)
    assert turns[0] < many[0] < few[0]  # sixty turns out of ten sessions say more than out of three
    assert chance_distance(ks_distance, people, 60, np.zeros(400)) is None
