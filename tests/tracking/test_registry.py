"""Runs are found by what they leave behind."""

import json

import pytest
from transformers import TrainerState

from pixel.tracking.registry import find_runs, logged_names, read_run, write_history
from pixel.tracking.settings import TrackingError
from tests.tracking.run_folders import run_folder


def test_a_run_is_read_whole(tmp_path):
    run = read_run(run_folder(tmp_path / "a", auc=0.75))
    assert (run.name, run.step, run.max_steps) == ("a", 30, 40)
    figures = run.figures()
    assert figures["seed/risk/auc"] == {"value": 0.75, "low": 0.7, "high": 0.9, "n": 50}
    assert figures["held out/relative_loss"]["value"] == 0.5 and figures["training/loss"]["value"] == 1.0
    assert run.curves()["Losses"] == {"all": [[10, 3.0], [20, 2.0], [30, 1.0]]}
    assert logged_names([run]) == ["eval_loss/all", "eval_loss/relative", "loss/all"]


def test_a_run_that_was_cut_off_is_known_by_its_newest_checkpoint(tmp_path):
    for step in (2, 10):
        folder = tmp_path / "cut" / f"checkpoint-{step}"
        folder.mkdir(parents=True)
        state = {"global_step": step, "max_steps": 20, "log_history": [{"loss": 1.0, "step": step}]}
        (folder / "trainer_state.json").write_text(json.dumps(state))
    (tmp_path / "cut" / "metrics.json").write_text("{ broken")
    run = read_run(tmp_path / "cut")
    assert run.step == 10 and run.history[0]["step"] == 10 and run.figures() == {}


def test_runs_are_found_below_a_folder_the_latest_last(tmp_path):
    run_folder(tmp_path / "x" / "late", started="2026-02-02T00:00:00Z")
    run_folder(tmp_path / "early", started="2026-01-01T00:00:00Z")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "early")
    assert [run.name for run in find_runs(tmp_path)] == ["early", "late"]
    with pytest.raises(TrackingError, match="Mend"):
        read_run(tmp_path / "empty")


def test_a_kept_history_holds_numbers_and_no_words(tmp_path):
    state = TrainerState(global_step=4, max_steps=8, log_history=[{"loss": 1.0, "note": "I cannot sleep", "step": 4}])
    assert "sleep" not in write_history(tmp_path, state).read_text()
    assert read_run(tmp_path).history == [{"loss": 1.0, "step": 4}]
