import torch

from pixel.objectives.smoothness import smoothness_loss, steady_pairs

MASK = torch.tensor([[True, True, True, False]])


def sure(*modes):
    return 50.0 * torch.nn.functional.one_hot(torch.tensor([modes]), 3).float()


def test_a_steady_mode_costs_nothing():
    assert smoothness_loss(sure(1, 1, 1, 1), steady_pairs({"turn_mask": MASK}))[0].item() == 0.0


def test_an_unmarked_flicker_costs_two_a_change():
    total, count = smoothness_loss(sure(0, 2, 0, 1), steady_pairs({"turn_mask": MASK}))
    assert (total.item(), count.item()) == (4.0, 2.0)  # the last turn is padding


def test_a_labelled_switch_is_free():
    switch = torch.tensor([[[float("nan")], [1.0], [0.0], [float("nan")]]])
    total, count = smoothness_loss(sure(0, 2, 2, 1), steady_pairs({"turn_mask": MASK, "persona_switch": switch}))
    assert (total.item(), count.item()) == (0.0, 1.0)


def test_two_different_labelled_modes_are_a_switch_too():
    pairs = steady_pairs({"turn_mask": MASK, "persona_mode": torch.tensor([[0, 2, -100, -100]])})
    assert pairs.tolist() == [[False, True, False]]


def test_gradients_pull_neighbouring_turns_together():
    logits = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]], requires_grad=True)
    smoothness_loss(logits, torch.tensor([[True]]))[0].backward()
    nearer = logits.detach() - 0.1 * logits.grad
    assert smoothness_loss(nearer, torch.tensor([[True]]))[0] < smoothness_loss(logits, torch.tensor([[True]]))[0]
