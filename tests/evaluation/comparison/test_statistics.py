"""The pieces a comparison stands on, each against another road to the same number."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, permutation_test

from pixel.evaluation.comparison.correction import benjamini_hochberg, holm
from pixel.evaluation.comparison.effect import effect_size
from pixel.evaluation.comparison.paired_bootstrap import paired_interval
from pixel.evaluation.comparison.pairing import pair_items
from pixel.evaluation.comparison.sign_flip import sign_flip, smallest_p

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=7)

# ── correction ──


@given(P_VALUES)
def test_holm_is_bonferroni_on_every_set_of_tests_that_could_all_be_null(p):
    """The closed testing procedure, by brute force: a test is rejected if every set it is in is."""
    expected = [
        max(
            min(1.0, len(members) * min(p[other] for other in members))
            for size in range(1, len(p) + 1)
            for members in itertools.combinations(range(len(p)), size)
            if index in members
        )
        for index in range(len(p))
    ]
    np.testing.assert_allclose(holm(p), expected, atol=1e-12)


@given(P_VALUES)
def test_benjamini_hochberg_is_what_scipy_gives(p):
    np.testing.assert_allclose(benjamini_hochberg(p), false_discovery_control(p), atol=1e-12)


def test_no_tests_need_no_correction():
    assert len(holm([])) == len(benjamini_hochberg([])) == 0


def test_a_p_value_outside_the_unit_interval_is_refused():
    with pytest.raises(ValueError, match="0, 1"):
        holm([0.5, 1.2])


# ── sign flips ──


def test_the_exact_p_is_scipys():
    sums = np.random.default_rng(0).normal(0.5, size=8)
    theirs = permutation_test((sums,), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue
    assert sign_flip(sums) == (pytest.approx(theirs), "exact")


def test_random_signs_come_near_the_exact_p():
    sums = np.random.default_rng(3).normal(1.0, size=16)
    signs = np.array(list(itertools.product((-1, 1), repeat=16)))
    exact = (np.abs(signs @ sums) >= abs(sums.sum()) - 1e-9).mean()
    assert 0.001 < exact < 0.2
    estimates = [sign_flip(sums, seed=seed)[0] for seed in range(10)]
    assert np.mean(estimates) == pytest.approx(exact, rel=0.15)


def test_no_difference_in_any_group_is_p_one():
    assert sign_flip(np.zeros(50)) == (1.0, "exact")


def test_a_difference_that_never_happens_by_chance_has_the_smallest_p():
    assert sign_flip(np.ones(60), flips=2000) == (1 / 2001, "permutation")
    assert sign_flip(np.ones(5))[0] == smallest_p(5, 2000) == 2 / 32


def test_the_p_value_is_valid_when_it_stops_early():
    """Under the null hypothesis a p at or below .1 must not come more often than in a tenth of the cases."""
    generator = np.random.default_rng(0)
    p = [sign_flip(generator.normal(size=20), flips=1000, seed=number)[0] for number in range(600)]
    assert np.mean(np.array(p) <= 0.1) < 0.1 + 3 * (0.09 / 600) ** 0.5


# ── interval ──


def test_the_interval_of_ungrouped_items_is_the_normal_one_where_there_are_many():
    differences = np.random.default_rng(1).normal(0.2, 1.0, size=900)
    low, high = paired_interval(differences, np.ones(900), resamples=4000)
    error = differences.std() / 30
    assert low == pytest.approx(differences.mean() - 1.96 * error, abs=0.15 * error)
    assert high == pytest.approx(differences.mean() + 1.96 * error, abs=0.15 * error)


def test_items_that_copy_each_other_do_not_narrow_the_interval():
    sums = np.random.default_rng(2).normal(size=40)
    single = paired_interval(sums, np.ones(40))
    copied = paired_interval(5 * sums, np.full(40, 5.0))
    assert copied == pytest.approx(single)


def test_one_group_has_no_interval():
    assert paired_interval(np.array([3.0]), np.array([7.0])) is None


# ── effect and pairs ──


def test_the_effect_of_a_known_sample():
    effect = effect_size(np.array([1.0, 2.0, 3.0, 0.0, -1.0]))  # mean 1, variance 10 / 4
    assert effect.standardised == pytest.approx(1 / 2.5**0.5)
    assert (effect.higher, effect.lower, effect.same) == (0.6, 0.2, 0.2)


def test_a_shift_of_every_item_alike_has_no_standardised_size():
    assert effect_size(np.full(5, 0.3)).standardised is None
    assert effect_size(np.array([])) is None


def test_items_pair_by_id_and_the_rest_is_named():
    pairs = pair_items(
        {"b": (1.0, "x"), "a": (0.0, "x"), "z": (9.0, None)}, {"a": (2.0, "y"), "b": (4.0, "x"), "n": (1.0, None)}
    )
    assert pairs.ids == ["a", "b"] and pairs.differences.tolist() == [2.0, 3.0]
    assert pairs.only_before == ["z"] and pairs.only_after == ["n"]
    sums, counts = pairs.group_sums()
    assert sums.tolist() == [5.0] and counts.tolist() == [2.0]


def test_an_item_without_a_group_is_its_own_even_if_a_group_has_its_name():
    pairs = pair_items({"a": (0.0, None), "b": (0.0, "a")}, {"a": (1.0, None), "b": (1.0, "a")})
    assert len(pairs.group_sums()[0]) == 2
