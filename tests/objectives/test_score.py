import math

import pytest
import torch

from pixel.objectives import score_loss

NAN = float("nan")


def test_score_is_the_divergence_between_two_coins():
    torch.manual_seed(1)
    logits, target = torch.randn(3, 4, 2), torch.rand(3, 4, 2)
    coins = torch.distributions.Bernoulli
    divergence = torch.distributions.kl_divergence(coins(target), coins(logits.sigmoid()))
    torch.testing.assert_close(score_loss(logits, target)[0], divergence.mean(-1).sum())


def test_a_perfect_score_costs_nothing_whatever_the_score():
    target = torch.tensor([[[0.1, 0.5, 0.93]]])
    assert score_loss(torch.logit(target), target)[0].item() == pytest.approx(0.0, abs=1e-6)


def test_a_score_averages_over_the_dimensions_somebody_rated():
    logits = torch.tensor([[[0.0, 3.0]]])
    one = score_loss(logits, torch.tensor([[[1.0, NAN]]]))
    assert one[0].item() == pytest.approx(math.log(2), rel=1e-5) and one[1].item() == 1
