"""Studies on disk: gone on with, refused on other terms, cleared after a kill."""

import multiprocessing
import os
import signal
import sys
import time

import pytest

from pixel.benchmarks.tuning.installed import optuna
from pixel.benchmarks.tuning.presence import Presence, is_gone
from pixel.benchmarks.tuning.store import counts, enqueue_default, open_study, retry_stale
from pixel.training.arguments import SettingError
from tests.benchmarks.tuning.number_studies import Numbers, number_study, start_and_sleep


def killed_in_a_trial(folder) -> None:
    """Leave behind a study with a running trial whose process got SIGKILL."""
    process = multiprocessing.get_context("spawn").Process(target=start_and_sleep, args=(folder,))
    process.start()
    while not [t for t in number_study(folder).trials if t.params]:
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def test_a_study_is_gone_on_with_and_does_not_draw_the_same_again(tmp_path):
    first = number_study(tmp_path)
    first.optimize(Numbers(), n_trials=2)
    second = number_study(tmp_path)
    second.optimize(Numbers(), n_trials=2)
    drawn = [trial.params["x"] for trial in second.trials]
    assert len(drawn) == len(set(drawn)) == 4
    assert [trial.params for trial in first.trials[:2]] == [trial.params for trial in second.trials[:2]]


def test_other_terms_are_refused_by_name(tmp_path):
    storage = f"sqlite:///{tmp_path / 'studies.db'}"
    open_study(storage, "one", {"seed": 0, "settings": {"max_steps": 4}})
    open_study(storage, "one", {"seed": 0, "settings": {"max_steps": 4}})
    with pytest.raises(SettingError, match="begun with other settings.*--study_name"):
        open_study(storage, "one", {"seed": 0, "settings": {"max_steps": 5}})
    open_study(storage, "two", {"seed": 0, "settings": {"max_steps": 5}})


def test_the_default_settings_are_queued_once_and_come_first(tmp_path):
    for _ in range(2):
        study = number_study(tmp_path)
        enqueue_default(study, {"x": 0.25})
    study.optimize(Numbers(), n_trials=2)
    assert study.trials[0].params == {"x": 0.25} and study.trials[0].user_attrs["default"]
    assert study.trials[1].params != {"x": 0.25} and "default" not in study.trials[1].user_attrs


def test_the_trial_of_a_killed_process_is_failed_and_its_parameters_are_tried_again(tmp_path):
    killed_in_a_trial(tmp_path)
    study = number_study(tmp_path)
    assert counts(study)["running"] == 1
    params = study.trials[0].params
    assert retry_stale(study) == 1
    assert retry_stale(study) == 0
    study.optimize(Numbers(), n_trials=1)
    assert [trial.state.name for trial in study.trials] == ["FAIL", "COMPLETE"]
    assert study.trials[1].params == params
    assert counts(study) == {
        "complete": 1, "pruned": 0, "running": 0, "waiting": 0, "failed": 1, "finished": 1,
    }  # fmt: skip


def test_the_trial_of_a_living_process_is_left_alone(tmp_path):
    study = number_study(tmp_path)
    with Presence(tmp_path) as sign:
        study.ask().set_user_attr("worker", sign.name)
        assert not is_gone(sign.name)
        assert retry_stale(study) == 0
    assert is_gone(sign.name)
    assert retry_stale(study) == 1


def test_the_trial_of_another_machine_or_without_a_name_yet_is_left_alone(tmp_path):
    study = number_study(tmp_path)
    study.ask().set_user_attr("worker", f"elsewhere.example:{tmp_path}/1-abc")
    study.ask()
    assert retry_stale(study) == 0


def test_the_default_stays_the_default_when_its_first_worker_was_killed(tmp_path):
    study = number_study(tmp_path)
    enqueue_default(study, {"x": 0.25})
    with Presence(tmp_path) as sign:
        study.ask().set_user_attr("worker", sign.name)
    retry_stale(study)
    study.optimize(Numbers(), n_trials=1)
    assert study.trials[-1].params == {"x": 0.25} and study.trials[-1].user_attrs["default"]


def test_without_optuna_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(SettingError, match=r'pip install "pixel-eq\[tune\]"'):
        optuna()
