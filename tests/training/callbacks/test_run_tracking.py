"""A run and its trackers: every number arrives once, and nothing a tracker does is felt by training."""

import json
import math
import threading
import time

import pytest
import torch
from transformers import TrainerState

from pixel.monitoring.alerts import Alert
from pixel.tracking import guard as guards
from pixel.tracking.panels import grouped
from pixel.tracking.trackers import Tracker
from pixel.training.arguments import SettingError
from pixel.training.callbacks.run_tracking import RunTracking
from tests.tracking.event_files import tensorboard_points, trackio_points
from tests.training.parts import arguments, parameters, trainer_for


class Notebook(Tracker):
    """Remembers what it is given; breaks as it is told."""

    def __init__(self, held=None):
        self.points, self.runs, self.alerts, self.artifacts, self.said = [], [], [], [], {}
        self.held, self.finished, self.broken = held, 0, None

    def start(self, run):
        self.runs.append(run)
        return self.held

    def log(self, step, values):
        if self.broken is not None:
            self.broken(step)
        self.points += [(step, name) for name in values]

    def alert(self, alert):
        self.alerts.append(alert.kind)

    def summary(self, values):
        self.said |= values

    def artifact(self, name, kind, files, metadata):
        self.artifacts.append((kind, [file.name for file in files], dict(metadata)))

    def finish(self):
        self.finished += 1


def tracked(folder, notebook, **options):
    trainer = trainer_for(folder, tracking={"trackers": ["tensorboard"], **options.pop("tracking", {})}, **options)
    trainer.tracking.make = lambda name, wrapped: notebook
    return trainer


def expected(trainer, last=math.inf):
    entries = [entry for entry in trainer.state.log_history if entry["step"] <= last]
    return sorted((entry["step"], name) for entry in entries for name in grouped(entry))


def test_every_number_of_the_log_arrives_once_with_the_settings(tmp_path):
    notebook = Notebook()
    trainer = tracked(tmp_path / "run", notebook, max_steps=3, tracking={"project": "p", "group": "g"})
    trainer.alerts.send(Alert("held_out_leak", "warning", 0, "found before training"))
    trainer.train()
    assert sorted(notebook.points) == expected(trainer)
    assert {step for step, _ in notebook.points} == {1, 2, 3}
    assert (1, "loss/emotion") in notebook.points and (3, "fork_weight/clinical") in notebook.points
    run = notebook.runs[0]
    assert run.name == f"run-{run.id}" and run.config["training"]["learning_rate"] == 0.1 and not run.resumed
    assert run.config["lineage"]["seeds"] == {"seed": 0, "data_seed": 0}
    trainer.alerts.send(Alert("plateau", "info", 3, "still"))
    trainer.tracking.conclude({"x": 1.0}, [tmp_path / "run" / "lineage.json", tmp_path / "none"], tmp_path / "run")
    assert notebook.finished == 1 and notebook.said == {"x": 1.0} and notebook.alerts == ["held_out_leak", "plateau"]
    kinds = {kind: (files, known) for kind, files, known in notebook.artifacts}
    assert kinds["report"][0] == ["lineage.json"] and kinds["model"][0] == []
    assert kinds["model"][1]["config_hash"] == trainer.tracking.lineage["config_hash"]


@pytest.mark.parametrize("fault", ["raises", "hangs", "start"])
def test_a_tracker_that_fails_or_hangs_changes_no_weight_and_takes_no_time(tmp_path, monkeypatch, capsys, fault):
    monkeypatch.setattr(guards, "REST", 0.0)
    plain = trainer_for(tmp_path / "plain", max_steps=4)
    plain.train()
    notebook, never = Notebook(), threading.Event()
    trainer = tracked(tmp_path / "run", notebook, max_steps=4, tracking={"patience": 0.3})

    def broken(*_):
        if fault == "hangs":
            never.wait()
        raise ConnectionError("server gone")

    if fault == "start":
        notebook.start = broken
    else:
        notebook.broken = broken
    started = time.perf_counter()
    trainer.train()
    trainer.tracking.conclude({"x": 1.0})
    took = time.perf_counter() - started
    never.set()
    for name, value in parameters(plain).items():
        assert torch.equal(parameters(trainer)[name], value), name
    assert notebook.points == [] and took < 60  # a hang has no end; the machine may be busy
    printed = capsys.readouterr().out
    assert printed.count("goes on without it") == 1
    assert ("server gone" if fault != "hangs" else "did not finish within") in printed


def test_a_tracker_that_was_left_behind_does_not_open_its_run_again(tmp_path):
    notebook, go = Notebook(), threading.Event()
    trainer = tracked(tmp_path / "run", notebook, max_steps=2, tracking={"patience": 0.1})
    notebook.broken = lambda step: go.wait(30)
    trainer.train()
    left = trainer.tracking._guards["tensorboard"]
    trainer.tracking.conclude()
    assert notebook.finished == 0
    go.set()
    assert left.flush(30)
    assert len(notebook.runs) == 1 and notebook.finished == 1


def test_what_a_tracker_missed_is_given_again_at_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(guards, "REST", 0.0)
    notebook = Notebook()

    def gone_for_a_while(step):
        if step in (2, 3) and trainer.state.global_step < 4:
            raise ConnectionError("gone")

    trainer = tracked(tmp_path / "run", notebook, max_steps=5)
    notebook.broken = gone_for_a_while
    trainer.train()
    trainer.tracking.flush()
    assert sorted(notebook.points) == expected(trainer)


def test_a_full_queue_is_made_up_for(tmp_path):
    notebook, gate = Notebook(), threading.Event()
    trainer = tracked(tmp_path / "run", notebook, max_steps=6, tracking={"queue": 2})
    notebook.broken = lambda step: gate.wait(30)
    on_end = trainer.tracking.on_train_end

    def opened(*args, **kwargs):
        gate.set()
        trainer.tracking._guards["tensorboard"].flush(10)
        return on_end(*args, **kwargs)

    trainer.tracking.on_train_end = opened
    trainer.train()
    assert sorted(notebook.points) == expected(trainer)


@pytest.mark.parametrize("held", [None, 4, 2], ids=["ledger", "tracker knows", "tracker lost its end"])
def test_a_resumed_run_goes_on_in_the_same_run_and_doubles_nothing(tmp_path, held):
    options = {"save_strategy": "steps", "save_steps": 3, "max_steps": 6}
    first, second = Notebook(), Notebook(held)
    broken = tracked(tmp_path, first, **options)
    end = 4

    def cut(args, state, control, **kwargs):
        control.should_training_stop = state.global_step >= end

    broken.tracking.on_step_end = cut
    broken.train()
    broken.tracking.close()
    resumed = tracked(tmp_path, second, **options)
    resumed.train(resume_from_checkpoint=str(tmp_path / "checkpoint-3"))
    assert second.runs[0].id == first.runs[0].id and second.runs[0].resumed and second.runs[0].step == 3
    given = [point for point in first.points if held is None or point[0] <= held] + second.points
    assert len(given) == len(set(given))
    assert set(expected(resumed)) <= set(given) and {step for step, _ in given} == set(range(1, 7))


def test_the_run_is_new_where_nothing_was_resumed(tmp_path):
    first, second = Notebook(), Notebook()
    tracked(tmp_path, first, max_steps=1).train()
    tracked(tmp_path, second, max_steps=1).train()
    assert first.runs[0].id != second.runs[0].id and not second.runs[0].resumed
    assert first.finished == 1  # the next training of the process ends the run before


def test_the_real_ones_hold_a_resumed_run_once(tmp_path):
    options = {"save_strategy": "steps", "save_steps": 2, "report_to": ["tensorboard", "trackio"]}
    options["tracking"] = {"project": "resumed-for-real"}
    first = trainer_for(tmp_path, max_steps=4, **options)
    first.train()
    first.tracking.close()
    again = trainer_for(tmp_path, max_steps=5, **options)
    again.train(resume_from_checkpoint=str(tmp_path / "checkpoint-2"))
    again.tracking.conclude()
    for points in (tensorboard_points(tmp_path / "tensorboard"), trackio_points("resumed-for-real")):
        losses = sorted(step for step, name in points if name in ("norm/all", "loss/all"))
        assert losses == sorted([*range(1, 6)] * 2), points
    assert again.args.report_to == [] and again.args.tracking["trackers"] == ["tensorboard", "trackio"]


def test_only_the_main_process_tracks(tmp_path):
    notebook = Notebook()
    trainer = tracked(tmp_path, notebook)
    state = TrainerState(is_world_process_zero=False)
    trainer.tracking.on_train_begin(trainer.args, state, None)
    trainer.tracking.on_log(trainer.args, state, None, logs={"loss": 1.0})
    trainer.tracking.on_train_end(trainer.args, state, None)
    assert notebook.runs == [] and not (tmp_path / "lineage.json").exists()


def test_a_tracker_that_is_not_installed_is_named_and_left_out(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("pixel.training.callbacks.run_tracking.installed", lambda name: False)
    trainer = trainer_for(tmp_path, report_to="trackio")
    trainer.train()
    assert "trackio is not installed. Mend: pip install trackio" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_does_not_end_the_run(tmp_path, capsys):
    notebook = Notebook()
    trainer = tracked(tmp_path / "run", notebook)
    (tmp_path / "file").write_text("")
    trainer.tracking.folder = tmp_path / "file"
    trainer.train()
    assert capsys.readouterr().err.count("the run goes on") == 2  # lineage.json and history.json


def test_no_word_of_a_conversation_reaches_a_tracker_or_the_lineage(tmp_path):
    seen = []

    class Everything(Notebook):
        def log(self, step, values):
            seen.append(repr(values))

        def start(self, run):
            seen.append(json.dumps(run.config, default=str))

    trainer = tracked(tmp_path, Everything(), max_steps=2)
    trainer.train()
    trainer.tracking.flush()
    seen += [path.read_text() for path in tmp_path.glob("*.json")]
    assert len(seen) >= 5 and not any("could not sleep" in text or "Tell me more" in text for text in seen)


@pytest.mark.parametrize(
    ("options", "word"), [({"report_to": "tracko"}, "did you mean trackio"), ({"tracking": {"x": 1}}, "'x'")]
)
def test_a_setting_that_does_not_exist_is_refused_when_it_is_read(tmp_path, options, word):
    with pytest.raises(SettingError, match=word):
        arguments(tmp_path, **options)


def test_secrets_of_the_arguments_are_hidden(tmp_path):
    notebook = Notebook()
    trainer = tracked(tmp_path, notebook, alerts={"webhook": "https://hooks.example/T0/hush"}, hub_token="hf_hush")
    trainer.train()
    trainer.tracking.flush()
    assert "hush" not in json.dumps(notebook.runs[0].config, default=str)
    assert "hush" not in (tmp_path / "lineage.json").read_text()


def test_a_callback_alone_can_be_given_to_a_trainer_without_trackers(tmp_path):
    trainer = trainer_for(tmp_path, max_steps=1)
    assert isinstance(trainer.tracking, RunTracking)
    trainer.train()
    trainer.tracking.conclude({"x": 1.0}, [], tmp_path)
    said = json.loads((tmp_path / "lineage.json").read_text())
    assert said["config"]["training"]["max_steps"] == 1 and said["checkpoints"] == {}
    assert not (tmp_path / "tracking.json").exists()
    assert json.loads((tmp_path / "history.json").read_text())["global_step"] == 1
