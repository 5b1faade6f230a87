"""Checkpoints are whole or not there, whatever happens while they are written."""

import json
import os
import shutil
import signal

import pytest
import torch
from transformers import TrainerCallback

from pixel.checkpoints import space, verify
from pixel.training.callbacks.stop_on_request import StopOnRequest
from tests.training.parts import parameters, tiny_data, trainer_for

STEPS = {
    "max_steps": 6, "per_device_train_batch_size": 4, "optim": "adamw_torch", "learning_rate": 1e-2,
    "save_strategy": "steps", "save_steps": 2, "train_sampling_strategy": "random", "lr_scheduler_type": "linear",
}  # fmt: skip
VARIES = {"train_runtime", "train_samples_per_second", "train_steps_per_second", "train_loss", "total_flos"}


def names(folder) -> list[str]:
    """What stands in an output folder that has to do with checkpoints."""
    return sorted(path.name for path in folder.iterdir() if "checkpoint" in path.name)


def log_of(trainer) -> list[dict]:
    return [{k: v for k, v in entry.items() if k not in VARIES} for entry in trainer.state.log_history]


def same(trainer, other) -> bool:
    mine, others = parameters(trainer), parameters(other)
    return mine.keys() == others.keys() and all(torch.equal(mine[name], others[name]) for name in mine)


class At(TrainerCallback):
    """Does something at the end of a step."""

    def __init__(self, step: int, what):
        self.step, self.what = step, what

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == self.step:
            self.what()


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
    assert "checkpoint-4 is broken" in said and "model.safetensors" in said
    assert "Going on from" in said and "checkpoint-2" in said
    assert (run / "quarantine" / "checkpoint-4" / "reason.txt").exists()
    assert names(run) == ["checkpoint-2", "checkpoint-4", "checkpoint-6"]
    assert same(resumed, unbroken) and log_of(resumed) == log_of(unbroken)


def test_auto_without_a_checkpoint_starts_anew(tmp_path):
    trainer = trainer_for(tmp_path, **STEPS | {"max_steps": 2})
    trainer.train(resume_from_checkpoint="auto")
    assert trainer.state.global_step == 2


@pytest.mark.parametrize("at", [3, 4, 6], ids=["between saves", "at a save", "at the last step"])
def test_sigterm_saves_after_the_step_and_the_resumed_run_is_the_unbroken_one(tmp_path, at):
    options = STEPS | {"logging_steps": 2, "save_steps": 4, "max_steps": 6}  # step 3 lies between two log entries
    unbroken = trainer_for(tmp_path / "whole", **options)
    unbroken.train()
    run = tmp_path / "run"
    trainer = trainer_for(run, **options)
    trainer.add_callback(At(at, lambda: os.kill(os.getpid(), signal.SIGTERM)))
    trainer.callback_handler.callbacks.insert(0, trainer.callback_handler.callbacks.pop())  # before it is looked at
    before = signal.getsignal(signal.SIGTERM)
    trainer.train()
    assert signal.getsignal(signal.SIGTERM) is before
    assert trainer.preempted and trainer.stop_on_request.reason == "SIGTERM"
    assert trainer.state.global_step == at
    assert verify(run / f"checkpoint-{at}").valid
    resumed = trainer_for(run, **options)
    resumed.train(resume_from_checkpoint="auto")
    assert not resumed.preempted and resumed.state.global_step == 6
    assert same(resumed, unbroken)
    assert log_of(resumed)[:3] == log_of(unbroken)[:3]


def test_a_run_resumed_at_its_last_step_takes_no_other(tmp_path):
    options = STEPS | {"max_steps": 3, "save_steps": 3}
    first = trainer_for(tmp_path, **options)
    first.train()
    again = trainer_for(tmp_path, **options)
    again.train(resume_from_checkpoint="auto")
    assert again.state.global_step == 3 and same(again, first)


@pytest.mark.parametrize("asked_at", [3, 6], ids=["on the way", "in the last step"])
def test_a_callback_sends_the_run_back_and_it_ends_as_the_unbroken_one(tmp_path, asked_at):
    unbroken = trainer_for(tmp_path / "whole", **STEPS)
    unbroken.train()
    run = tmp_path / "run"
    trainer = trainer_for(run, **STEPS)
    trainer.add_callback(At(asked_at, lambda: trainer.roll_back_to(2, "the loss went up")))
    trainer.train()
    assert trainer.preempted and trainer.stop_on_request.reason == "rollback"
    assert trainer.state.global_step <= asked_at + 1
    resumed = trainer_for(run, **STEPS)
    resumed.train(resume_from_checkpoint="auto")
    assert not resumed.preempted and same(resumed, unbroken) and log_of(resumed) == log_of(unbroken)
    with pytest.raises(RuntimeError, match="there is no checkpoint-5|no such checkpoint"):
        resumed.roll_back_to(5, "why")


def test_a_new_start_moves_the_old_checkpoints_away(tmp_path):
    trainer_for(tmp_path, **STEPS).train()
    (tmp_path / "finished.json").write_text("{}")
    trainer_for(tmp_path, **STEPS | {"max_steps": 2}).train()
    assert names(tmp_path) == ["checkpoint-2"] and not (tmp_path / "finished.json").exists()
    assert names(tmp_path / "rolled_back") == ["checkpoint-2", "checkpoint-4", "checkpoint-6"]


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


def test_a_data_worker_outlives_the_first_signal_to_its_group_and_not_the_second():
    stop = StopOnRequest()
    with stop.listening():
        child = os.fork()
        if child == 0:
            os.kill(os.getpid(), signal.SIGTERM)
            os.write(1, b"")
            os.kill(os.getpid(), signal.SIGTERM)
            os._exit(3)
        _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGTERM
    assert stop.reason is None
