"""Where the disk is full for a moment, training waits for it and loses nothing."""

import pytest

from pixel.checkpoints import checkpoints, space
from tests.training.parts import trainer_for

STEPS = {"per_device_train_batch_size": 4, "max_steps": 4, "save_strategy": "steps", "save_steps": 2}


def kinds(trainer) -> list[tuple[str, int]]:
    return [(alert.kind, alert.step) for alert in trainer.alerts.sent]


def test_a_disk_that_is_full_for_a_second_costs_a_second_and_no_checkpoint(tmp_path, monkeypatch):
    trainer = trainer_for(tmp_path, **STEPS, save_patience=600.0)
    free, looks = space.free_bytes, []
    monkeypatch.setattr(space, "free_bytes", lambda folder: looks.append(0) or (free(folder) if looks[2:] else 1000))
    trainer.train()
    assert [path.name for path in checkpoints(tmp_path)] == ["checkpoint-4", "checkpoint-2"]
    assert kinds(trainer) == [("checkpoint_waits", 2)]


@pytest.mark.parametrize("told", [False, True])
def test_patience_ends_and_a_run_that_is_told_to_stop_has_none(tmp_path, monkeypatch, told):
    trainer = trainer_for(tmp_path, **STEPS, save_patience=0.5 if not told else 3600.0)
    monkeypatch.setattr(space, "free_bytes", lambda folder: 1000)
    if told:
        monkeypatch.setattr(type(trainer.stop_on_request), "told", property(lambda self: True))
    trainer.train()
    assert trainer.state.global_step == 4 and checkpoints(tmp_path) == []
    assert [pair for pair in kinds(trainer) if pair[0] == "checkpoint_not_saved"] == [
        ("checkpoint_not_saved", 2), ("checkpoint_not_saved", 4),
    ]  # fmt: skip
