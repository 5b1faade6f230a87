import warnings
from importlib.util import find_spec
from math import isfinite, sqrt

import pytest
import torch

from pixel.balancing.weighting import GramWeighting
from pixel.benchmarks.two_objectives import CLOSED_FORMS, two_weights

NEEDS = {"upgrad": "qpsolvers", "dualproj": "qpsolvers", "cagrad": "cvxpy"}
CASES = [  # |g1|, |g2|, cosine
    (1.0, 1.0, 0.0),
    (1.0, 3.0, -0.7),
    (5.0, 0.8, 0.4),
    (0.2, 0.7, -0.95),
    (2.0, 2.0, -0.2),
    (1.0, 6.0, 0.9),
]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_a_closed_form_answers_as_the_solver_does(name, case):
    if find_spec(NEEDS.get(name, "torchjd")) is None:
        pytest.skip("solver not installed")
    first, second, cosine = case
    a, b, c = first**2, cosine * first * second, second**2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solved = GramWeighting(name, 2)(torch.tensor([[a, b], [b, c]], dtype=torch.float64)).tolist()
    assert two_weights(name, a, b, c) == pytest.approx(solved, rel=2e-3, abs=2e-3)


@pytest.mark.parametrize("case", CASES)
def test_fairgrad_and_nash_meet_their_conditions_more_closely_than_a_solver_can(case):
    first, second, cosine = case
    mean = (first**2 + second**2) / 2
    a, b, c = first**2 / mean, cosine * first * second / mean, second**2 / mean
    for name, power in (("nashmtl", -1.0), ("fairgrad", -0.5)):
        x, y = two_weights(name, a, b, c)
        assert a * x + b * y == pytest.approx(x**power, rel=1e-9)
        assert b * x + c * y == pytest.approx(y**power, rel=1e-9)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_opposite_parallel_and_missing_gradients_give_finite_weights(name):
    for b in (-sqrt(2.0), sqrt(2.0)):
        assert all(isfinite(weight) for weight in two_weights(name, 1.0, b, 2.0))
    assert two_weights(name, 4.0, 0.0, 0.0) == (1.0, 1.0)
    assert two_weights(name, 0.0, 0.0, 0.0) == (1.0, 1.0)
