"""A measure is validated only where people agree with it more than with the length of a message."""

import numpy as np
import pytest

from pixel.evaluation.validity import validate_measure
from pixel.evaluation.validity.validity import agreement


def labelled(count=240, seed=0):
    draw = np.random.default_rng(seed)
    return draw, draw.integers(0, 2, count), draw.normal(50, 10, count)


def test_the_area_is_that_of_counting_pairs():
    # positives score 0.4 and 0.9, negatives 0.1 and 0.5: of four pairs three are in order
    found = validate_measure([0.1, 0.4, 0.5, 0.9], [0, 1, 0, 1], None, [1, 2, 3, 4])
    assert found.value == pytest.approx(0.75)
    # lengths 2 and 4 against 1 and 3: three of four in order as well
    assert found.length_only == pytest.approx(0.75)
    assert found.majority == 0.5


def test_length_that_falls_counts_with_the_better_sign():
    found = validate_measure([0.1, 0.4, 0.5, 0.9], [0, 1, 0, 1], None, [4, 3, 2, 1])
    assert found.length_only == pytest.approx(0.75)


def test_pearson_and_spearman_by_hand():
    scores, human = [1.0, 2.0, 3.0, 10.0], [2.0, 1.0, 3.0, 4.0]
    # ranks 1 2 3 4 against 2 1 3 4: one pair changed places, 1 - 6 * 2 / (4 * 15) = 0.8
    assert validate_measure(scores, human, None, [1, 1, 2, 2], "spearman").value == pytest.approx(0.8)
    # deviations -3 -2 -1 6 and -0.5 -1.5 0.5 1.5: 13 / sqrt(50 * 5)
    assert validate_measure(scores, human, None, [1, 1, 2, 2], "pearson").value == pytest.approx(13 / 250**0.5)


@pytest.mark.parametrize("kind", ["auc", "pearson", "spearman"])
def test_agrees_with_scikit_learn_and_scipy_on_ties(kind):
    from scipy.stats import pearsonr, spearmanr
    from sklearn.metrics import roc_auc_score

    draw = np.random.default_rng(3)
    human, scores = draw.integers(0, 2, 90).astype(float), draw.integers(0, 6, 90).astype(float)
    expected = {
        "auc": lambda: roc_auc_score(human, scores),
        "pearson": lambda: pearsonr(human, scores).statistic,
        "spearman": lambda: spearmanr(human, scores).statistic,
    }[kind]()
    assert agreement(human, scores, kind).value == pytest.approx(expected)


def test_a_planted_effect_is_validated():
    draw, human, lengths = labelled()
    found = validate_measure(human + draw.normal(0, 0.6, len(human)), human, None, lengths)
    assert found.validated and found.reason is None
    assert found.low < found.value < found.high and found.difference_low > 0


def test_a_measure_that_is_length_is_not_validated_however_high():
    draw, human, _ = labelled()
    lengths = 20 + 30 * human + draw.normal(0, 5, len(human))
    found = validate_measure(lengths * 2 + 1, human, None, lengths)
    assert found.value > 0.95 and not found.validated
    assert found.reason == "not above message length"


def test_noise_is_hardly_ever_validated():
    passed = 0
    for seed in range(60):
        draw, human, lengths = labelled(80, seed)
        passed += validate_measure(draw.normal(size=80), human, None, lengths, resamples=200).validated
    # one-sided 2.5 percent against chance, and above length as well: 1.5 expected at most
    assert passed <= 4


def test_a_measure_the_wrong_way_round_is_not_turned():
    draw, human, lengths = labelled()
    found = validate_measure(-human + draw.normal(0, 0.3, len(human)), human, None, lengths)
    assert found.value < 0.1 and found.reason == "not above a constant answer"


def test_repeated_turns_of_few_people_widen_the_interval():
    draw = np.random.default_rng(1)
    human = np.tile([0, 1], 10)
    person = human + draw.normal(0, 1, 20)
    many = np.repeat(np.arange(20), 30)
    single = validate_measure(person[many], human[many], None, draw.normal(size=600))
    grouped = validate_measure(person[many], human[many], many, draw.normal(size=600))
    assert grouped.high - grouped.low > 2 * (single.high - single.low)


def test_two_groups_cannot_validate_anything():
    found = validate_measure([0, 0, 1, 1] * 9, [0, 0, 1, 1] * 9, ["a", "b"] * 18, [3, 4, 4, 3] * 9)
    assert found.value == 1.0 and not found.validated and "groups" in found.reason


def test_items_without_score_or_label_are_left_out():
    nan = float("nan")
    found = validate_measure([0.1, nan, 0.5, 0.9], [0, 1, nan, 1], None, [1, 2, 3, 4])
    assert found.n == 2 and found.value == 1.0


def test_one_class_has_no_value_and_says_so():
    found = validate_measure([0.1, 0.2, 0.3], [1, 1, 1], None, [1, 2, 3], against="quality")
    assert found.value is None and not found.validated and "one class" in found.reason and found.against == "quality"


def test_lengths_all_the_same_are_a_constant_answer():
    draw, human, _ = labelled()
    found = validate_measure(human + draw.normal(0, 0.5, len(human)), human, None, np.full(len(human), 7))
    assert found.length_only == 0.5 and found.validated


@pytest.mark.parametrize(
    ("scores", "human", "kind", "words"),
    [
        ([1, 2], [1, 2], "auc", "0 or 1"),
        ([1, 2], [0, 1], "kappa", "no kind 'kappa'"),
        ([1, 2, 3], [0, 1], "auc", "3 scores, 2 labels"),
    ],
)
def test_what_cannot_be_scored_is_named(scores, human, kind, words):
    with pytest.raises(ValueError, match=words):
        validate_measure(scores, human, None, [1, 2], kind)
