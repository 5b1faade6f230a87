import torch
from torch.testing import assert_close

from pixel.balancing.schedules.gradnorm import GradNorm

LONG_AND_SHORT = torch.diag(torch.tensor([1.0, 100.0], dtype=torch.float64))  # norms 1 and 10


def test_norms_of_one_and_ten_are_brought_to_equal_weighted_norms():
    schedule = GradNorm(("a", "b"), 1000, warmup=1)
    ratios = []
    for step in range(400):
        weights = schedule.weights(step)
        ratios.append((10 * weights[1] / weights[0]).item())
        schedule.observe(step, torch.ones(2), LONG_AND_SHORT)  # equal rates: targets are equal
    assert ratios[0] == 10.0
    assert ratios[50] < ratios[0]
    assert all(0.94 < ratio < 1.06 for ratio in ratios[-50:])
    assert_close(schedule.weights(400), torch.tensor([20 / 11, 2 / 11], dtype=torch.float64), rtol=0.05, atol=0)


def test_the_objective_that_trains_slowly_gets_the_longer_gradient():
    schedule = GradNorm(("fast", "slow"), 1000, alpha=1.0, warmup=1, smoothing=0.0)
    schedule.observe(0, torch.tensor([2.0, 2.0]), torch.eye(2))
    for step in range(1, 400):
        schedule.observe(step, torch.tensor([0.5, 1.5]), torch.eye(2))
    # losses at 1/4 and 3/4 of the first: relative rates .5 and 1.5, the targets of the norms
    assert_close(schedule.weights(400), torch.tensor([0.5, 1.5], dtype=torch.float64), rtol=0.05, atol=0)


def test_one_step_descends_the_paper_s_loss_as_autograd_does():
    norms, losses, first = torch.tensor([1.0, 4.0, 2.0]), torch.tensor([0.5, 1.0, 2.0]), torch.tensor([1.0, 4.0, 2.0])
    alpha, rate = 0.7, 0.1
    schedule = GradNorm(("a", "b", "c"), 10, alpha=alpha, learning_rate=rate, warmup=1, smoothing=0.0)
    schedule.observe(0, first, None)
    schedule.observe(1, losses, torch.outer(norms, norms))

    logarithms = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    lengths = logarithms.exp() * norms
    mean = lengths.mean().detach()
    relative = losses / first
    targets = mean * (relative / relative.mean()) ** alpha
    ((lengths - targets).abs().sum() / mean).backward()
    expected = (-rate * logarithms.grad).exp()
    assert_close(schedule.weights(2), 3 * expected / expected.sum())


def test_weights_do_not_depend_on_the_scale_of_the_gradients():
    gram = torch.tensor([[1.0, 0.3], [0.3, 9.0]], dtype=torch.float64)
    one, other = GradNorm(("a", "b"), 10, warmup=1), GradNorm(("a", "b"), 10, warmup=1)
    for step in range(5):
        one.observe(step, torch.tensor([1.0, 2.0]), gram)
        other.observe(step, torch.tensor([1.0, 2.0]), 1e-12 * gram)
    assert_close(one.weights(5), other.weights(5))


def test_weights_wait_for_the_first_losses():
    schedule = GradNorm(("a", "b"), 10, warmup=3)
    for step in range(2):
        schedule.observe(step, torch.ones(2), LONG_AND_SHORT)
        assert schedule.weights(step).tolist() == [1.0, 1.0]
    schedule.observe(2, torch.ones(2), LONG_AND_SHORT)
    assert schedule.weights(3)[0] > 1.0
