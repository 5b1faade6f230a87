import numpy as np
import pytest
from sklearn.metrics import f1_score

from pixel.metrics import best_threshold, fit_thresholds


def test_threshold_lies_halfway_between_the_positives_and_the_negatives():
    assert best_threshold(np.array([0.1, 0.3, 0.6, 0.8]), np.array([False, False, True, True])) == pytest.approx(0.45)


def test_no_other_threshold_has_a_higher_f1():
    generator = np.random.default_rng(0)
    present = generator.random(200) < 0.2
    says = np.clip(generator.normal(0.2 + 0.2 * present, 0.15), 0.01, 0.99)
    chosen = f1_score(present, says >= best_threshold(says, present))
    assert chosen >= max(f1_score(present, says >= cut, zero_division=0) for cut in np.linspace(0.01, 0.99, 197))


def test_a_frequent_label_keeps_its_own_threshold_and_a_rare_one_takes_the_common():
    generator = np.random.default_rng(1)
    present = np.stack([generator.random(4000) < 0.5, np.arange(4000) < 2], -1)
    says = np.where(present, [0.8, 0.06], [0.6, 0.01])
    frequent, rare = fit_thresholds(says, present.astype(float))
    common = best_threshold(says.ravel(), present.ravel())
    assert frequent == pytest.approx(0.7, abs=0.01)
    assert abs(rare - common) < abs(rare - 0.035)


def test_without_shrinkage_every_label_has_its_own():
    says, targets = np.array([[0.2, 0.7], [0.4, 0.9]]), np.array([[0.0, 0.0], [1.0, 1.0]])
    assert fit_thresholds(says, targets, strength=0) == pytest.approx([0.3, 0.8], abs=1e-3)


def test_unknown_answers_are_left_out():
    says, targets = np.array([[0.2], [0.4], [0.95]]), np.array([[0.0], [1.0], [np.nan]])
    assert fit_thresholds(says, targets, strength=0) == pytest.approx([0.3], abs=1e-3)


def test_a_label_without_positives_takes_the_common_threshold_and_nothing_known_the_default():
    says = np.array([[0.2, 0.5], [0.4, 0.6]])
    assert fit_thresholds(says, np.array([[0.0, np.nan], [1.0, np.nan]]), strength=0) == pytest.approx([0.3, 0.3])
    assert fit_thresholds(says, np.full((2, 2), np.nan)) == [0.5, 0.5]
