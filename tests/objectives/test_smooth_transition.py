import math

import pytest
import torch

from pixel.objectives.smooth_transition import smooth_transition_loss, switch_windows

NAN = math.nan


def path(*probabilities):
    return torch.tensor([probabilities]).clamp(min=1e-12).log()


def loss_of(*probabilities):
    return smooth_transition_loss(path(*probabilities), torch.ones(1, len(probabilities) - 2, dtype=torch.bool))[0]


def test_a_clean_jump_and_an_even_ramp_are_free():
    old, new, between = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.5, 0.0]
    for middle in (old, between, new):
        assert loss_of(old, middle, new).item() == pytest.approx(0.0, abs=1e-6)


def test_falling_back_costs_the_product_of_the_two_steps_in_each_mode():
    there_and_half_back = loss_of([0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.6, 0.4, 0.0])
    assert there_and_half_back.item() == pytest.approx(2 * 0.7 * 0.4, rel=1e-4)


def test_passing_through_a_third_mode_costs():
    detour = loss_of([1.0, 0.0, 0.0], [0.3, 0.2, 0.5], [0.0, 1.0, 0.0])
    assert detour.item() == pytest.approx(0.5 * 0.5, rel=1e-4)  # only the third mode rises and falls


def test_only_switches_with_a_turn_on_either_side_of_the_same_conversation_count():
    mask = torch.tensor([[1, 1, 1, 1, 2, 2, 2, 0]])
    switch = torch.tensor([[[1.0], [1.0], [0.0], [1.0], [0.0], [1.0], [NAN], [NAN]]])
    windows = switch_windows({"turn_mask": mask, "persona_switch": switch})
    # turn 0 has none before it, turn 3 ends its conversation; turns 1 and 5 are in the middle of theirs
    assert windows.tolist() == [[True, False, False, False, True, False]]


def test_two_labelled_modes_that_differ_are_a_switch():
    windows = switch_windows({"turn_mask": torch.ones(1, 4), "persona_mode": torch.tensor([[0, 1, 1, -100]])})
    assert windows.tolist() == [[True, False]]


def test_a_switch_right_after_a_switch_may_come_back():
    switch = torch.tensor([[[0.0], [1.0], [1.0], [0.0]]])
    windows = switch_windows({"turn_mask": torch.ones(1, 4), "persona_switch": switch})
    assert windows.tolist() == [[False, True]]


@pytest.mark.parametrize("turns", [1, 2])
def test_short_conversations_have_no_window_and_a_differentiable_zero(turns):
    logits = torch.randn(1, turns, 3, requires_grad=True)
    total, count = smooth_transition_loss(logits, switch_windows({"turn_mask": torch.ones(1, turns)}))
    total.backward()
    assert (total.item(), count.item()) == (0.0, 0.0) and not logits.grad.any()


def test_gradients_undo_the_way_back():
    logits = path([0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.5, 0.4, 0.1]).requires_grad_()
    smooth_transition_loss(logits, torch.tensor([[True]]))[0].backward()
    assert logits.grad[0, 2, 0] > 0 > logits.grad[0, 2, 1]  # down the slope the last turn stays with the new mode
