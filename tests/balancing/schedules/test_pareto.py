import pytest
import torch
from torch.testing import assert_close

pytest.importorskip("torchjd")

from pixel.balancing.schedules.pareto import ParetoOptimal  # noqa: E402

A, B = torch.tensor([3.0, 0.0], dtype=torch.float64), torch.tensor([-1.0, 1.0], dtype=torch.float64)
ROWS = torch.stack([A, B])


def shortest(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Weights of the shortest point between two vectors, by the closed form, of mean 1."""
    share = ((b @ (b - a)) / (a - b).square().sum()).clamp(0, 1)
    return 2 * torch.stack([share, 1 - share])


def test_without_smoothing_weights_are_the_closed_form_of_two_objectives():
    schedule = ParetoOptimal(("a", "b"), 10, smoothing=0.0)
    schedule.observe(0, torch.ones(2), ROWS @ ROWS.T)
    assert_close(schedule.weights(1), shortest(A, B), atol=2e-3, rtol=0)


def test_normalised_weights_are_the_closed_form_of_the_directions():
    schedule = ParetoOptimal(("a", "b"), 10, smoothing=0.0, normalise=True)
    schedule.observe(0, torch.ones(2), ROWS @ ROWS.T)
    assert_close(schedule.weights(1), shortest(A / A.norm(), B / B.norm()), atol=2e-3, rtol=0)


def test_smoothing_leaves_its_power_of_the_way_to_go():
    schedule = ParetoOptimal(("a", "b"), 10, smoothing=0.8)
    for step in range(5):
        schedule.observe(step, torch.ones(2), ROWS @ ROWS.T)
    answer = shortest(A, B)
    assert_close(schedule.weights(5), answer + 0.8**5 * (1 - answer), atol=2e-3, rtol=0)


def test_an_objective_that_is_not_needed_keeps_the_floor():
    gram = torch.tensor([[1.0, 1.0], [1.0, 100.0]])  # the shorter one alone is the shortest combination
    schedule = ParetoOptimal(("a", "b"), 10, smoothing=0.0, floor=0.1)
    schedule.observe(0, torch.ones(2), gram)
    assert_close(schedule.weights(1), torch.tensor([2.0, 0.1], dtype=torch.float64) * 2 / 2.1)


def test_an_objective_without_a_gradient_in_a_step_keeps_its_share():
    schedule = ParetoOptimal(("a", "b", "c"), 10, smoothing=0.0)
    gram = torch.zeros(3, 3, dtype=torch.float64)
    gram[:2, :2] = ROWS @ ROWS.T
    schedule.observe(0, torch.ones(3), gram)
    assert_close(schedule.weights(1)[2].item(), 1.0)
    assert_close(schedule.weights(1)[:2], shortest(A, B), atol=2e-3, rtol=0)
