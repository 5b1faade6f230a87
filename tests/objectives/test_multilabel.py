import math

import pytest
import torch

from pixel.objectives import multilabel_loss

NAN = float("nan")


def test_multilabel_is_minus_the_log_of_the_products_of_probabilities():
    logits = torch.tensor([[[0.3, -1.2, 2.0]]])
    target = torch.tensor([[[1.0, NAN, 0.0]]])
    yes, no = 1 / (1 + math.exp(-0.3)), 1 - 1 / (1 + math.exp(-2.0))
    assert multilabel_loss(logits, target)[0].item() == pytest.approx(-math.log(yes * no), rel=1e-5)


def test_multilabel_takes_the_share_of_raters_as_a_mixture_of_both_answers():
    logits = torch.randn(1, 1, 1)
    both = [multilabel_loss(logits, torch.full((1, 1, 1), y))[0] for y in (0.0, 1.0)]
    torch.testing.assert_close(
        multilabel_loss(logits, torch.full((1, 1, 1), 0.25))[0], 0.75 * both[0] + 0.25 * both[1]
    )
