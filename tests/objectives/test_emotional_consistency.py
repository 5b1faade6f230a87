import pytest
import torch

from pixel.objectives.emotional_consistency import emotional_consistency_loss, previous_own_turn

MASK = torch.tensor([[True, True, True, True, False]])


def values(*turns):
    return torch.logit(torch.tensor([[[value] * 3 for value in turns]]), eps=1e-6)


def test_without_roles_speakers_alternate():
    assert previous_own_turn({"turn_mask": MASK}).tolist() == [[-1, -1, 0, 1, -1]]


def test_with_roles_it_is_the_last_turn_of_the_same_speaker():
    roles = torch.tensor([[1, 1, 2, 1, 0]])
    assert previous_own_turn({"turn_mask": MASK, "turn_roles": roles}).tolist() == [[-1, 0, -1, 1, -1]]


def test_a_step_within_the_margin_is_free_and_beyond_it_costs_the_square_of_the_excess():
    previous = torch.tensor([[-1, 0, 1]])
    total, count = emotional_consistency_loss(values(0.2, 0.4, 0.9), previous, margin=0.3)
    assert total.item() == pytest.approx(0.2**2, rel=1e-4)  # 0.4 to 0.9 is 0.2 beyond the margin
    assert count.item() == 2


def test_a_leap_that_people_saw_is_free():
    previous, labels = torch.tensor([[-1, 0]]), torch.tensor([[[0.1] * 3, [0.9] * 3]])
    assert emotional_consistency_loss(values(0.1, 0.9), previous, labels)[0].item() == pytest.approx(0.0, abs=1e-9)


def test_a_turn_nobody_rated_falls_back_on_the_margin():
    previous, labels = torch.tensor([[-1, 0]]), torch.tensor([[[0.1] * 3, [float("nan")] * 3]])
    loss = emotional_consistency_loss(values(0.1, 0.9), previous, labels, margin=0.3)[0]
    assert loss.item() == pytest.approx(0.5**2, rel=1e-4)


def test_no_earlier_turn_is_a_differentiable_zero():
    logits = torch.randn(1, 1, 3, requires_grad=True)
    total, count = emotional_consistency_loss(logits, torch.tensor([[-1]]))
    total.backward()
    assert (total.item(), count.item()) == (0.0, 0.0) and not logits.grad.any()
