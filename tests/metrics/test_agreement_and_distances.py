"""Alpha, its interval, equivalence and distances: against independent roads, and at their edges."""

from importlib.util import find_spec

import numpy as np
import pytest

from pixel.metrics import (
    alpha_interval,
    brier_score,
    equivalence,
    krippendorff_alpha,
    ks_distance,
    wasserstein_distance,
)
from pixel.metrics.seceu import item_distance, read_points


def by_definition(ratings):
    """Interval alpha, straight from pairs of ratings."""
    units = [row[~np.isnan(row)] for row in ratings]
    units = [unit for unit in units if len(unit) > 1]
    values = np.concatenate(units)
    observed = sum(((unit[:, None] - unit) ** 2).sum() / (len(unit) - 1) for unit in units) / len(values)
    expected = ((values[:, None] - values) ** 2).sum() / (len(values) * (len(values) - 1))
    return 1 - observed / expected


needs_krippendorff = pytest.mark.skipif(not find_spec("krippendorff"), reason="krippendorff is not installed")


@needs_krippendorff
def test_interval_alpha_is_what_its_definition_gives_with_missing_ratings():
    rng = np.random.default_rng(0)
    ratings = rng.integers(1, 6, (40, 1)) + rng.integers(-1, 2, (40, 4)).astype(float)
    ratings[rng.random(ratings.shape) < 0.3] = np.nan
    assert krippendorff_alpha(ratings, "interval").value == pytest.approx(by_definition(ratings))


@needs_krippendorff
def test_the_interval_of_alpha_holds_it_and_narrows_with_items():
    rng = np.random.default_rng(1)
    truth = rng.integers(1, 6, (200, 1))
    ratings = np.clip(truth + rng.integers(-1, 2, (200, 3)), 1, 5).astype(float)
    low, high = alpha_interval(ratings, resamples=60)
    few = alpha_interval(ratings[:30], resamples=60)
    assert low < krippendorff_alpha(ratings).value < high and high - low < few[1] - few[0]
    assert alpha_interval(np.full((10, 2), 3.0), resamples=20) is None


def test_an_unknown_level_and_a_list_are_refused():
    with pytest.raises(ValueError, match="no level of measurement is called 'likert'"):
        krippendorff_alpha([[1, 2]], "likert")
    with pytest.raises(ValueError, match=r"\[items, raters\]"):
        krippendorff_alpha([1, 2])


def test_equivalence_keeps_its_error_rate_at_the_margin_and_finds_equal_groups():
    rng = np.random.default_rng(2)
    at_margin = [equivalence(rng.normal(size=40), rng.normal(0.5, size=40), 0.5).value for _ in range(400)]
    equal = [equivalence(rng.normal(size=120), rng.normal(size=120), 0.5).value for _ in range(100)]
    assert np.mean(np.array(at_margin) < 0.05) < 0.08 and np.mean(np.array(equal) < 0.05) > 0.9


def test_bootstrap_and_t_say_nearly_the_same_of_normal_samples():
    rng = np.random.default_rng(3)
    people, model = rng.normal(size=80), rng.normal(0.1, size=90)
    by_t = equivalence(people, model, 0.4).value
    assert equivalence(people, model, 0.4, method="bootstrap").value == pytest.approx(by_t, abs=0.03)


def test_the_default_margin_is_half_a_standard_deviation_of_the_people():
    people, model = [1.0, 2, 3, 4, 5], [2.0, 2, 3, 4, 4]
    assert equivalence(people, model).value == equivalence(people, model, np.std(people, ddof=1) / 2).value


@pytest.mark.parametrize("options", [{"margin": 0.0}, {"method": "z"}])
def test_impossible_options_are_refused(options):
    with pytest.raises(ValueError):
        equivalence([1, 2], [2, 3], **options)


def test_distances_do_not_care_for_order_and_move_with_the_scale():
    rng = np.random.default_rng(4)
    people, model = rng.normal(size=50), rng.normal(1, size=70)
    assert ks_distance(people, model).value == ks_distance(people[::-1], model * 1.0).value
    assert ks_distance(10 * people, 10 * model).value == ks_distance(people, model).value
    assert wasserstein_distance(10 * people, 10 * model).value == pytest.approx(
        10 * wasserstein_distance(people, model).value
    )


def test_a_probability_beyond_one_is_refused():
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        brier_score([1, 0], [1.2, 0.1])


def test_points_are_read_and_scaled_to_ten():
    assert read_points("**Joy**: 3\nFear: 1.5\nAnger - 0\nShame: 0.5", ["Joy", "Fear", "Anger", "Shame"]) == [
        3,
        1.5,
        0,
        0.5,
    ]
    assert read_points("Joy: 3", ["Joy", "Fear"]) is None
    assert item_distance([2, 3, 4, 1], [4, 6, 8, 2]) == pytest.approx(0)
    with pytest.raises(ValueError, match="3 points for 4"):
        item_distance([2, 3, 4, 1], [1, 2, 3])
