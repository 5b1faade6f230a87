import numpy as np
import pytest
from scipy.sparse import csr_matrix

from pixel.clinical.crisis import measuring
from pixel.clinical.crisis.corpora import cumulative
from pixel.clinical.crisis.ladder import at_least, fit, severity


def test_cumulative_logits_become_probabilities_of_seven_rungs():
    reach = np.array([0.9, 0.8, 0.5, 0.4, 0.2, 0.1])
    found = severity(np.log(reach / (1 - reach))[None])
    assert found[0] == pytest.approx([0.1, 0.1, 0.3, 0.1, 0.2, 0.1, 0.1])
    assert at_least(found, 4)[0] == pytest.approx(0.4)


def test_a_higher_rung_is_never_likelier_than_a_lower_one():
    found = severity(np.array([[-1.0, 2.0, 0.0, 1.0, -2.0, 3.0]]))
    assert (found >= 0).all() and found.sum() == pytest.approx(1)


def test_fit_is_the_logistic_optimum_and_the_same_for_sparse_input():
    x = np.array([[0.0], [1.0], [1.0], [0.0]], np.float32)
    targets = np.stack([cumulative(rung) for rung in (0, 6, 6, 0)]) * 0.5 + 0.25  # .25 without, .75 with the feature
    dense, sparse = (fit(features, targets, np.ones(4), 1e-6) for features in (x, csr_matrix(x)))
    assert dense.bias == pytest.approx(np.full(6, np.log(1 / 3)), abs=1e-2)
    assert dense.weights[0] == pytest.approx(np.full(6, np.log(9)), abs=2e-2)
    assert sparse.weights == pytest.approx(dense.weights, abs=1e-3)


def test_rows_without_importance_teach_nothing():
    x = np.array([[1.0], [1.0]], np.float32)
    fitted = fit(x, np.stack([cumulative(6), cumulative(0)]), np.array([1.0, 0.0]), 1.0)
    assert (fitted.logits(x) > 0).all()


def test_auc_counts_ties_half():
    assert measuring.auc(np.array([1.0, 2.0, 2.0]), np.array([False, True, False])) == 0.75


def test_threshold_is_the_highest_that_keeps_the_recall():
    scores, positive = np.arange(10.0), np.array([False] * 5 + [True] * 5)
    at = measuring.threshold(scores, positive, 0.8)
    assert at == 6.0 and measuring.rates(scores, positive, at) == (0.8, 0.0)


def test_bootstrap_interval_holds_the_value():
    scores = np.random.default_rng(0).normal(size=200)
    value, low, high = measuring.bootstrap(np.mean, scores, draws=200)
    assert low < value < high and high - low == pytest.approx(4 / 200**0.5, rel=0.3)
