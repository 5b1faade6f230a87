import math

import torch
from torch.testing import assert_close

from pixel.balancing.schedules.uncertainty import Uncertainty


def test_at_rest_weights_are_one_over_twice_the_loss():
    schedule = Uncertainty(("a", "b"), 1000, normalise=False)
    for step in range(1000):
        schedule.observe(step, torch.tensor([2.0, 0.25]))
    assert_close(schedule.weights(1000), torch.tensor([0.25, 2.0], dtype=torch.float64), rtol=1e-3, atol=0)


def test_normalised_weights_keep_the_proportions_at_mean_one():
    schedule = Uncertainty(("a", "b"), 1000)
    for step in range(1000):
        schedule.observe(step, torch.tensor([4.0, 1.0]))
    assert_close(schedule.weights(1000), torch.tensor([0.4, 1.6], dtype=torch.float64), rtol=1e-3, atol=0)


def test_one_step_is_a_gradient_step_of_the_paper_s_loss():
    losses = torch.tensor([0.7, 0.2], dtype=torch.float64)
    s = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    ((-s).exp() * losses + s / 2).sum().backward()
    schedule = Uncertainty(("a", "b"), 10, learning_rate=0.3, normalise=False)
    schedule.observe(0, losses)
    assert_close(schedule.weights(1), (0.3 * s.grad).exp())


def test_one_huge_loss_moves_a_log_variance_by_the_learning_rate_at_most():
    schedule = Uncertainty(("a", "b"), 10, learning_rate=0.1, normalise=False)
    schedule.observe(0, torch.tensor([1e9, 0.5]))
    assert_close(schedule.weights(1), torch.tensor([math.exp(-0.1), 1.0], dtype=torch.float64))
