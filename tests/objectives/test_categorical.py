import math

import pytest
import torch

from pixel.objectives import categorical_loss


def test_categorical_is_minus_the_log_probability_of_the_class():
    logits = torch.tensor([[[1.0, 2.0, 0.0]]])
    share = math.exp(2) / (math.exp(1) + math.exp(2) + 1)
    assert categorical_loss(logits, torch.tensor([[1]]))[0].item() == pytest.approx(-math.log(share), rel=1e-5)
