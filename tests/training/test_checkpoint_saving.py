"""Checkpoints are whole or not there, whatever happens while they are written."""

import json
import os
import shutil

import pytest
import torch
from transformers import TrainerCallback

from pixel.checkpoints import space, verify
from pixel.training.checkpoint_resuming import choose
from tests.checkpoints.parts import checkpoint
from tests.training.interrupted import STEPS, At, log_of, same
from tests.training.parts import parameters, tiny_data, trainer_for


def names(folder) -> list[str]:
    """What stands in an output folder that has to do with checkpoints."""
    return sorted(path.name for path in folder.iterdir() if "checkpoint" in path.name)


def test_a_checkpoint_holds_the_whole_state_and_is_sealed(tmp_path):
    trainer = trainer_for(tmp_path, **STEPS)
    trainer.train()
    assert names(tmp_path) == ["checkpoint-2", "checkpoint-4", "checkpoint-6"]
    files = {path.name for path in (tmp_path / "checkpoint-4").iterdir()}
    assert {
        "model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json", "objectives.json",
        "manifest.json",
    } <= files  # fmt: skip
    verdict = verify(tmp_path / "checkpoint-4")
    assert verdict.valid and verdict.step == 4
    assert verdict.facts["world_size"] == 1 and verdict.facts["sharding"] == "none"


def test_auto_passes_by_a_cut_file_and_the_run_ends_as_the_unbroken_one(tmp_path, capsys):
    unbroken = trainer_for(tmp_path / "whole", **STEPS)
    unbroken.train()
    run = tmp_path / "run"
    trainer_for(run, **STEPS).train()
    shutil.rmtree(run / "checkpoint-6")
    weights = run / "checkpoint-4" / "model.safetensors"
    os.truncate(weights, weights.stat().st_size - 1)
    resumed = trainer_for(run, **STEPS)
    resumed.train(resume_from_checkpoint="auto")
    said = capsys.readouterr().out
    assert f"checkpoint-4 is broken and was moved to {run / 'quarantine' / 'checkpoint-4'}: model.safetensors" in said
    assert "Going on from" in said and "checkpoint-2" in said
    assert (run / "quarantine" / "checkpoint-4" / "reason.txt").exists()
    assert names(run) == ["checkpoint-2", "checkpoint-4", "checkpoint-6"]
    assert same(resumed, unbroken) and log_of(resumed) == log_of(unbroken)


def test_a_checkpoint_without_a_manifest_says_how_to_take_it_all_the_same(tmp_path, capsys):
    (tmp_path / "checkpoint-5").mkdir()
    assert choose(tmp_path, "auto", "none", 1) is None
    said = capsys.readouterr().out
    assert f"moved to {tmp_path / 'quarantine' / 'checkpoint-5'}: no manifest.json" in said
    assert f"move it back, python recipes/checkpoints.py seal --checkpoint {tmp_path / 'checkpoint-5'}" in said
    assert "starting anew" in said


def test_a_run_that_goes_on_from_another_folder_leaves_none_of_its_own_to_be_mixed_up(tmp_path):
    checkpoint(tmp_path / "run", 2)
    other = checkpoint(tmp_path / "other", 4)
    assert choose(tmp_path / "run", str(other), "none", 1) == other
    assert names(tmp_path / "run") == [] and names(tmp_path / "run" / "rolled_back") == ["checkpoint-2"]
    assert choose(tmp_path / "other", str(other), "none", 1) == other and other.exists()


def test_auto_without_a_checkpoint_starts_anew(tmp_path):
    trainer = trainer_for(tmp_path, **STEPS | {"max_steps": 2})
    trainer.train(resume_from_checkpoint="auto")
    assert trainer.state.global_step == 2


def test_a_run_resumed_at_its_last_step_takes_no_other(tmp_path):
    options = STEPS | {"max_steps": 3, "save_steps": 3}
    first = trainer_for(tmp_path, **options)
    first.train()
    again = trainer_for(tmp_path, **options)
    again.train(resume_from_checkpoint="auto")
    assert again.state.global_step == 3 and same(again, first)


def test_a_new_start_moves_the_old_checkpoints_away_and_says_where(tmp_path, capsys):
    for step in (2, 4, 6):
        checkpoint(tmp_path, step)
    (tmp_path / "finished.json").write_text("{}")
    trainer_for(tmp_path, **STEPS | {"max_steps": 2}).train()
    assert names(tmp_path) == ["checkpoint-2"] and not (tmp_path / "finished.json").exists()
    assert names(tmp_path / "rolled_back") == ["checkpoint-2", "checkpoint-4", "checkpoint-6"]
    assert f"checkpoint-2 moved to {tmp_path / 'rolled_back'}: this run starts at step 0" in capsys.readouterr().out


def test_a_broken_folder_by_name_is_refused_before_anything_is_loaded(tmp_path):
    trainer_for(tmp_path, **STEPS | {"max_steps": 2}).train()
    (tmp_path / "checkpoint-2" / "optimizer.pt").write_bytes(b"")
    with pytest.raises(RuntimeError, match="optimizer.pt: 0 bytes.*Mend: .*auto"):
        trainer_for(tmp_path, **STEPS).train(resume_from_checkpoint=str(tmp_path / "checkpoint-2"))
    assert names(tmp_path) == ["checkpoint-2"]


def test_a_full_disk_is_an_alert_and_training_goes_on(tmp_path, monkeypatch):
    trainer = trainer_for(tmp_path, **STEPS)
    trainer.add_callback(At(3, lambda: monkeypatch.setattr(space, "free_bytes", lambda folder: 1000)))
    trainer.add_callback(At(5, monkeypatch.undo))
    trainer.train()
    assert names(tmp_path) == ["checkpoint-2", "checkpoint-6"]
    [alert] = [alert for alert in trainer.alerts.sent if alert.kind == "checkpoint_not_saved"]
    assert alert.step == 4 and alert.severity == "error"
    assert "1.0 kB are free" in alert.message and "checkpoint-2" in alert.message and "Mend" in alert.message


@pytest.mark.parametrize("fails", ["torch.save", "trainer_state.json", "manifest.json", "rename"])
def test_a_write_that_fails_leaves_no_folder_and_training_goes_on(tmp_path, monkeypatch, fails):
    full = OSError(28, "No space left on device")
    whole_replace, whole_open, whole_save = os.replace, open, torch.save

    def replace(source, target):
        if (fails == "manifest.json" and str(target).endswith("manifest.json")) or (
            fails == "rename" and str(target).endswith("checkpoint-4")
        ):
            raise full
        return whole_replace(source, target)

    def open_(file, *args, **kwargs):
        if str(file).endswith(f"{fails}"):
            raise full
        return whole_open(file, *args, **kwargs)

    def save(content, file, *args, **kwargs):
        if str(file).endswith("optimizer.pt"):
            whole_open(file, "wb").write(b"half of it")
            raise RuntimeError("[enforce fail at inline_container.cc] PytorchStreamWriter failed writing file data/0")
        return whole_save(content, file, *args, **kwargs)

    def break_it():
        if fails == "torch.save":
            monkeypatch.setattr(torch, "save", save)
        elif fails == "trainer_state.json":
            monkeypatch.setattr("builtins.open", open_)
        else:
            monkeypatch.setattr(os, "replace", replace)

    trainer = trainer_for(tmp_path, **STEPS)
    trainer.add_callback(At(3, break_it))
    trainer.add_callback(At(5, monkeypatch.undo))
    trainer.train()
    assert names(tmp_path) == ["checkpoint-2", "checkpoint-6"]
    assert [alert.step for alert in trainer.alerts.sent if alert.kind == "checkpoint_not_saved"] == [4]


def test_an_error_that_is_no_storage_error_is_not_swallowed(tmp_path, monkeypatch):
    trainer = trainer_for(tmp_path, **STEPS)
    monkeypatch.setattr(trainer, "_save_rng_state", lambda folder: {}["missing"])
    with pytest.raises(RuntimeError, match="KeyError.*Mend"):
        trainer.train()
    assert not (tmp_path / "checkpoint-2").exists()


def test_only_the_last_the_best_and_the_milestones_stay(tmp_path):
    trainer = trainer_for(tmp_path, eval_dataset=tiny_data(4), **STEPS | {
        "max_steps": 8, "save_steps": 1, "eval_strategy": "steps", "eval_steps": 1, "save_total_limit": 2,
        "keep_best": 1, "keep_every": 3, "metric_for_best_model": "loss", "greater_is_better": False,
        "load_best_model_at_end": True,
    })  # fmt: skip
    weights = {}

    class Remember(TrainerCallback):
        def on_step_end(self, args, state, control, **kwargs):
            weights[state.global_step] = parameters(trainer)

    trainer.add_callback(Remember())
    worse_after_3 = iter([5.0, 4.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0])
    evaluate = trainer.evaluation_loop

    def evaluated(*args, **kwargs):
        output = evaluate(*args, **kwargs)
        output.metrics["eval_loss"] = next(worse_after_3)
        return output

    trainer.evaluation_loop = evaluated
    trainer.train()
    assert names(tmp_path) == ["checkpoint-3", "checkpoint-6", "checkpoint-7", "checkpoint-8"]
    assert trainer.state.best_model_checkpoint == str(tmp_path / "checkpoint-3")
    assert all(torch.equal(weights[3][name], value) for name, value in parameters(trainer).items())
    state = json.loads((tmp_path / "checkpoint-3" / "trainer_state.json").read_text())
    assert state["best_model_checkpoint"] == str(tmp_path / "checkpoint-3")
    assert verify(tmp_path / "checkpoint-3").facts["metric"] == 2.0


def test_sealing_beside_the_training_leaves_the_same_checkpoints(tmp_path):
    for way in (False, True):
        trainer_for(tmp_path / str(way), async_save=way, save_total_limit=2, **STEPS).train()
    assert names(tmp_path / "True") == names(tmp_path / "False") == ["checkpoint-4", "checkpoint-6"]
    for name in names(tmp_path / "True"):
        assert verify(tmp_path / "True" / name).valid
        for file in ("model.safetensors", "objectives.json"):
            assert (tmp_path / "True" / name / file).read_bytes() == (tmp_path / "False" / name / file).read_bytes()


def test_a_failure_beside_the_training_is_an_alert_and_leaves_no_folder(tmp_path, monkeypatch):
    trainer = trainer_for(tmp_path, async_save=True, **STEPS)

    def refuse(*args):
        raise OSError(5, "Input/output error")

    trainer.add_callback(At(3, lambda: monkeypatch.setattr("pixel.training.checkpoint_saving.finish", refuse)))
    trainer.add_callback(At(5, monkeypatch.undo))
    trainer.train()
    assert names(tmp_path) == ["checkpoint-2", "checkpoint-6"]
    assert len([alert for alert in trainer.alerts.sent if alert.kind == "checkpoint_not_saved"]) == 1
