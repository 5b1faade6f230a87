import numpy as np
import pytest

from pixel.voice.personality.fingerprint.calibration import Calibration, balance


def test_the_probability_is_that_of_the_formula():
    given = Calibration(slope=10, longer=5, length=-1, intercept=-2)
    # 300 words: 10 * .3 - 2 = 1; 600 words: 10 * .3 + 5 * .3 - 1 - 2 = 1.5
    expected = 1 / (1 + np.exp(-np.array([1.0, 1.5])))
    np.testing.assert_allclose(given.probability(np.array([0.3, 0.3]), np.array([300, 600])), expected)


def test_lengths_beyond_those_measured_count_as_the_nearest():
    given = Calibration(slope=10, longer=5, length=-1, intercept=-2)
    assert given.probability(0.3, 280) == given.probability(0.3, 300)
    assert given.probability(0.3, 5000) == given.probability(0.3, 600)


def test_a_known_logistic_is_found_again_whatever_the_share_of_one_speaker():
    rng = np.random.default_rng(0)
    # two normals of one spread: logit = (x * 2 * .2 / .1**2) / 2 ... slope = (m1 - m0) / s**2 = .4 / .04 = 10
    same = np.r_[np.ones(4000, bool), np.zeros(20000, bool)]
    similarity = np.where(same, 0.2, -0.2) + 0.2 * rng.normal(size=len(same))
    fitted = Calibration.fit([similarity, similarity], [same, same], [300, 600])
    assert fitted.slope == pytest.approx(10, rel=0.08)
    assert fitted.intercept == pytest.approx(0, abs=0.15)
    assert fitted.longer == pytest.approx(0, abs=0.5)


def test_both_kinds_of_pairs_weigh_a_half():
    weights = balance([True, False, False, False])
    np.testing.assert_allclose(weights, [0.5, 1 / 6, 1 / 6, 1 / 6])
