import math

import pytest
import torch
from scipy.spatial.distance import jensenshannon

from pixel.objectives.persona_consistency import persona_consistency_loss, stretches
from pixel.objectives.smoothness import smoothness_loss, steady_pairs


def loss_of(logits, **labels):
    batch = {"turn_mask": torch.ones(logits.shape[:2], dtype=torch.long)} | labels
    return persona_consistency_loss(logits, batch["turn_mask"], steady_pairs(batch))


def sure(*modes):
    return 50.0 * torch.nn.functional.one_hot(torch.tensor([modes]), 3).float()


def test_a_steady_mode_costs_nothing():
    total, count = loss_of(torch.tensor([[[0.3, -1.0, 2.0]] * 5]))
    assert total.item() == pytest.approx(0.0, abs=1e-6) and count.item() == 5


def test_two_turns_cost_twice_their_jensen_shannon_divergence():
    logits = torch.tensor([[[0.2, 1.0, -0.5], [1.5, 0.0, 0.3]]])
    first, second = logits[0].softmax(-1).numpy()
    assert loss_of(logits)[0].item() == pytest.approx(2 * jensenshannon(first, second) ** 2, rel=1e-5)


def test_sure_turns_cost_the_entropy_of_their_mix():
    total, _ = loss_of(sure(0, 1, 2))
    assert total.item() == pytest.approx(3 * math.log(3), rel=1e-5)


def test_a_labelled_switch_begins_a_new_stretch():
    switch = torch.tensor([[[math.nan], [math.nan], [1.0], [0.0]]])
    total, count = loss_of(sure(0, 0, 2, 2), persona_switch=switch)
    assert total.item() == pytest.approx(0.0, abs=1e-6) and count.item() == 4


def test_a_turn_alone_in_its_stretch_does_not_count():
    assert loss_of(sure(0, 1), persona_switch=torch.tensor([[[0.0], [1.0]]]))[1].item() == 0


def test_packed_conversations_and_padding_are_kept_apart():
    mask = torch.tensor([[1, 1, 2, 2, 2, 0, 0]])
    stretch, size = stretches(mask, steady_pairs({"turn_mask": mask}))
    assert size.tolist() == [[2, 2, 3, 3, 3, 0, 0]]
    assert stretch[0, 0] == stretch[0, 1] != stretch[0, 2] == stretch[0, 4]


def test_a_slow_drift_costs_more_here_than_it_costs_between_neighbours():
    ramp = torch.linspace(0.0, 1.0, 11)
    drift = torch.stack([1 - ramp, ramp, torch.zeros(11)], -1).clamp(min=1e-9).log().unsqueeze(0)
    pairs = torch.ones(1, 10, dtype=torch.bool)
    strayed, turns = persona_consistency_loss(drift, torch.ones(1, 11), pairs)
    stepped, steps = smoothness_loss(drift, pairs)
    assert strayed / turns > 10 * stepped / steps


def test_gradients_pull_a_stray_turn_towards_the_others():
    logits = torch.tensor([[[2.0, 0.0, 0.0], [2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]], requires_grad=True)
    loss_of(logits)[0].backward()
    assert logits.grad[0, 2, 0] < 0 < logits.grad[0, 2, 1]  # down the slope: more of the first mode
    assert logits.grad[0, 0, 0] > 0  # and the others come a little towards it


def test_very_sure_logits_keep_finite_gradients():
    logits = (1e4 * sure(0, 1, 2)).requires_grad_()
    loss_of(logits)[0].backward()
    assert logits.grad.isfinite().all()
