import pytest
import torch

from pixel.inference import Sampler


def test_temperature_zero_takes_the_likeliest_that_is_allowed():
    logits = torch.tensor([1.0, 5.0, 3.0])
    assert Sampler(0)(logits) == 1
    assert Sampler(0)(logits, forbidden=[1]) == 2


def test_draws_are_as_frequent_as_the_model_says_within_the_nucleus():
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()
    draw = Sampler(1.0, top_p=0.8, seed=0)
    counts = torch.bincount(torch.tensor([draw(logits) for _ in range(2000)]), minlength=4) / 2000
    assert counts.tolist() == pytest.approx([0.625, 0.375, 0.0, 0.0], abs=0.04)  # 0.5 and 0.3 of 0.8


def test_settings_out_of_range_are_errors():
    with pytest.raises(ValueError, match="temperature -1"):
        Sampler(-1)
    with pytest.raises(ValueError, match="top_p 0"):
        Sampler(1.0, top_p=0)
