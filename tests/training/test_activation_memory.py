"""Activations that are computed again, or kept elsewhere, change no step."""

import torch
from torch.testing import assert_close

from tests.training.parts import losses, parameters, trainer_for


def test_activation_checkpointing_changes_no_step(tmp_path):
    options = {"max_steps": 2, "weighting": "upgrad", "hardware": "none", "bf16": False, "use_cpu": True}
    kept = trainer_for(tmp_path / "kept", "qwen3_moe", activation_checkpointing=False, **options)
    again = trainer_for(tmp_path / "again", "qwen3_moe", activation_checkpointing=True, **options)
    calls = []
    again.pixel.model.layers[0].mlp.register_forward_pre_hook(lambda *given: calls.append(1))
    kept.train()
    again.train()
    assert len(calls) == 2 * len(losses(again))  # each layer began its forward pass twice a step
    expected = parameters(kept)
    for name, value in parameters(again).items():
        assert_close(value, expected[name], atol=1e-6, rtol=1e-5)
    assert again.balancer.weights.tolist() == kept.balancer.weights.tolist()


def test_saved_tensors_that_wait_elsewhere_come_back_to_the_fork_as_they_were(tmp_path):
    """As `activation_offloading` does on an accelerator: hooks on all that autograd saves, the fork's tensors too."""
    kept = trainer_for(tmp_path / "kept", "qwen3_moe", max_steps=2)
    moved = trainer_for(tmp_path / "moved", "qwen3_moe", max_steps=2)
    shapes = set()

    def away(tensor):
        shapes.add(tuple(tensor.shape))
        return tensor.numpy(force=True).copy(), tensor.requires_grad

    def back(packed):
        return torch.from_numpy(packed[0])

    moved.maybe_activation_offload_context = torch.autograd.graph.saved_tensors_hooks(away, back)
    batch = moved.data_collator([moved.train_dataset[row] for row in range(8)])
    rows, turns, tokens = len(batch["input_ids"]), batch["turn_spans"].shape[1], batch["input_ids"].shape[1]
    kept.train()
    moved.train()
    assert (rows, turns, tokens) in shapes  # the fork's pooling weights
    expected = parameters(kept)
    for name, value in parameters(moved).items():
        assert torch.equal(value, expected[name]), name
    assert moved.balancer.weights.tolist() == kept.balancer.weights.tolist()
