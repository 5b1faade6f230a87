"""Approved weights are kept apart and put back in place, whole models and adapters."""

from pathlib import Path

import pytest
import torch

from pixel.training.rollback import RollbackError, keep_weights, restore_weights
from tests.training.parts import parameters, trainer_for


def trained(folder, **options):
    trainer = trainer_for(
        folder, max_steps=2, optim="adamw_torch", learning_rate=1e-2, save_strategy="steps", save_steps=1, **options
    )
    trainer.train()
    return trainer


@pytest.mark.parametrize("adapters", [False, True], ids=["whole model", "adapters and heads"])
def test_the_weights_of_a_checkpoint_come_back_to_the_last_bit(tmp_path, adapters):
    early = trainer_for(
        tmp_path / "early",
        max_steps=1,
        optim="adamw_torch",
        learning_rate=1e-2,
        adapters=adapters,
        lr_scheduler_type="constant",
    )
    early.train()
    trainer = trained(tmp_path / "run", adapters=adapters)
    now, objects = parameters(trainer), dict(trainer.model.named_parameters())
    assert any(not torch.equal(now[name], value) for name, value in parameters(early).items())
    kept = keep_weights(tmp_path / "run" / "checkpoint-1", tmp_path / "run" / "approved")
    restore_weights(trainer, kept)
    restored = parameters(trainer)
    assert set(restored) == set(now)  # what is trained is what was trained
    for name, value in parameters(early).items():
        assert torch.equal(restored[name], value), name
    for name, parameter in trainer.model.named_parameters():
        assert parameter is objects[name], name  # in place: the optimizer still holds them
    assert len(trainer.optimizer.state) == 0


def test_only_weights_are_kept_and_a_later_approval_takes_the_place(tmp_path):
    trained(tmp_path)
    kept = keep_weights(tmp_path / "checkpoint-1", tmp_path / "approved")
    first = (kept / "model.safetensors").read_bytes()
    assert {file.name for file in kept.iterdir()} <= {"model.safetensors", "config.json"}
    keep_weights(tmp_path / "checkpoint-2", tmp_path / "approved")
    assert (kept / "model.safetensors").read_bytes() != first
    assert (kept / "model.safetensors").read_bytes() == (tmp_path / "checkpoint-2" / "model.safetensors").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("approved")) == ["approved"]


def test_a_checkpoint_that_is_gone_leaves_what_was_kept(tmp_path):
    kept = tmp_path / "approved"
    kept.mkdir()
    (kept / "model.safetensors").write_bytes(b"weights")
    with pytest.raises(RollbackError, match="save_total_limit"):
        keep_weights(tmp_path / "checkpoint-9", kept)
    assert (kept / "model.safetensors").read_bytes() == b"weights"


class Trainer:
    is_deepspeed_enabled = is_fsdp_enabled = False
    optimizer = None

    def _load_from_checkpoint(self, folder):
        raise ValueError("header too large")


def test_damaged_and_missing_weights_are_named(tmp_path):
    with pytest.raises(RollbackError, match="there are no weights.*Mend"):
        restore_weights(Trainer(), tmp_path)
    (Path(tmp_path) / "model.safetensors").write_bytes(b"x")
    with pytest.raises(RollbackError, match="header too large.*Mend"):
        restore_weights(Trainer(), tmp_path)


def test_sharded_weights_are_refused(tmp_path):
    sharded = Trainer()
    sharded.is_deepspeed_enabled = True
    with pytest.raises(RollbackError, match="sharded.*resume_from_checkpoint"):
        restore_weights(sharded, tmp_path)
