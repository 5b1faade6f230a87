"""bfloat16 in the matrix products, float32 in what is small: losses, heads, weights and the Gram matrix."""

import torch

from tests.training.parts import losses, parameters, trainer_for

MIXED = {"hardware": "none", "bf16": True, "use_cpu": True, "activation_checkpointing": False, "max_steps": 2}


def test_under_autocast_losses_gram_and_weights_stay_float32_and_near_those_of_float32(tmp_path):
    plain = trainer_for(tmp_path / "plain", "qwen3_moe", max_steps=2)
    mixed = trainer_for(tmp_path / "mixed", "qwen3_moe", **MIXED)
    seen = []
    compute = mixed.compute_loss

    def watched(model, inputs, *args, **kwargs):
        loss = compute(model, inputs, *args, **kwargs)
        seen.append((loss.dtype, mixed.accelerator.mixed_precision))
        return loss

    mixed.compute_loss = watched
    plain.train()
    mixed.train()
    assert seen == [(torch.float32, "bf16")] * 2
    assert {value.dtype for value in parameters(mixed).values()} == {torch.float32}
    assert mixed.balancer.weights.dtype == torch.float64 and torch.isfinite(mixed.balancer.weights).all()
    # 8 bits of mantissa: 2**-9 a product; sums over 32 wide layers stay within a percent.
    for found, expected in zip(losses(mixed), losses(plain), strict=True):
        assert abs(found - expected) < 0.01 * abs(expected)
    assert losses(mixed)[0] != losses(plain)[0]  # it did run in bfloat16
