import math

import torch
from torch.testing import assert_close

from pixel.balancing.schedules.famo import FAMO


def descend(schedule: FAMO | None, steps: int = 300, rate: float = 2e-3) -> torch.Tensor:
    """
    Log decreases `[steps, 2]` of `x**2 / 2` from 1 and `100 * y**2 / 2` from 3, by gradient descent.

    At equal weights the second falls 100 times as fast; weighted by one over the loss, 9 times as slowly as the first.
    """
    point, curvature = torch.tensor([1.0, 3.0], dtype=torch.float64), torch.tensor([1.0, 100.0], dtype=torch.float64)
    start = (curvature * point.square() / 2).log()
    logs = []
    for step in range(steps):
        weights = torch.ones(2, dtype=torch.float64) if schedule is None else schedule.weights(step)
        losses = curvature * point.square() / 2
        logs.append(start - losses.log())
        if schedule is not None:
            schedule.observe(step, losses)
        point = point - rate * weights * curvature * point
    return torch.stack(logs)


def test_log_losses_fall_evenly_where_one_loss_is_a_hundred_times_the_other():
    plain, balanced = descend(None), descend(FAMO(("a", "b"), 300, smoothing=0.0, gamma=0.0))
    assert plain[-1, 1] > 50 * plain[-1, 0]
    fall = balanced[-1] - balanced[-101]  # of the last hundred steps
    assert fall.min() > 0.1
    assert fall.max() < 1.01 * fall.min()


def test_the_first_weights_are_one_over_the_loss_at_mean_one():
    schedule = FAMO(("a", "b"), 10, minimum={"b": 1.0})
    assert schedule.weights(0).tolist() == [1.0, 1.0]
    schedule.observe(0, torch.tensor([1.0, 5.0]))
    assert_close(schedule.weights(1), torch.tensor([1.6, 0.4], dtype=torch.float64))  # 1/1 : 1/(5 - 1)


def test_logits_move_as_torch_s_adam_moves_them_along_the_softmax_jacobian():
    observed = torch.tensor([[1.0, 2.0], [0.8, 1.9], [0.7, 1.0], [0.7, 1.1]], dtype=torch.float64)
    schedule = FAMO(("a", "b"), 10, smoothing=0.0, gamma=0.1)
    logits = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([logits], lr=0.025, weight_decay=0.1)
    schedule.observe(0, observed[0])
    schedule.observe(1, observed[1])
    assert schedule.logits.tolist() == [0.0, 0.0]  # the fall over the first step is not counted
    for step, (before, after) in enumerate(zip(observed[1:], observed[2:], strict=False), 2):
        schedule.observe(step, after)
        fall = before.log() - after.log()
        (logits.grad,) = torch.autograd.grad(torch.softmax(logits, 0), logits, grad_outputs=fall)
        adam.step()
    assert_close(schedule.logits, logits.detach())


def test_an_unlabelled_objective_s_logit_has_no_gradient():
    schedule = FAMO(("a", "b", "c"), 10, smoothing=0.0, gamma=0.0)
    schedule.observe(0, torch.tensor([1.0, 1.0, 1.0]))
    schedule.observe(1, torch.tensor([1.0, 1.0, 1.0]))
    schedule.observe(2, torch.tensor([0.5, 0.9, math.nan]))
    assert schedule.logits[2] == 0.0
    assert schedule.logits[0] < 0.0 < schedule.logits[1]
    assert schedule.running[2] == 1.0
