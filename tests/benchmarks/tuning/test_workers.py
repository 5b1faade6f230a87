"""Trials until there are enough, by one process or several, some of which are killed."""

import os
import signal
import threading
import time
from functools import partial

import pytest

from pixel.benchmarks.tuning.store import counts
from pixel.benchmarks.tuning.workers import search
from pixel.training.arguments import SettingError
from tests.benchmarks.tuning.number_studies import Numbers, number_study, prepare_numbers


def finished(study) -> dict[int, float]:
    return {trial.number: trial.value for trial in study.trials if trial.state.name == "COMPLETE"}


def test_trials_of_earlier_runs_count(tmp_path):
    study = number_study(tmp_path)
    objective = Numbers()
    search(study, 2, lambda: (study, objective), tmp_path / "workers")
    before = finished(study)
    assert search(study, 5, lambda: (study, objective), tmp_path / "workers")["finished"] == 5
    assert before.items() <= finished(study).items()
    search(study, 5, lambda: pytest.fail("there was nothing left to do"), tmp_path / "workers")
    assert list((tmp_path / "workers").iterdir()) == []


def test_workers_share_one_study_and_do_no_more_than_asked(tmp_path):
    study = number_study(tmp_path)
    now = search(study, 8, partial(prepare_numbers, tmp_path, 0.2), tmp_path / "workers", workers=2)
    assert now["failed"] == 0 and 8 <= now["finished"] <= 9
    assert len({trial.user_attrs["process"] for trial in study.trials}) == 2


def test_a_killed_worker_loses_no_finished_trial_and_its_own_is_run_again(tmp_path):
    study = number_study(tmp_path)
    killed: dict = {}

    def kill() -> None:
        watch = number_study(tmp_path)
        while len(finished(watch)) < 2 or not (running := [t for t in watch.trials if t.state.name == "RUNNING"]):
            time.sleep(0.02)
        killed["before"] = finished(watch)
        while "process" not in running[0].user_attrs:
            running = [t for t in watch.trials if t.number == running[0].number]
        os.kill(running[0].user_attrs["process"], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    now = search(study, 8, partial(prepare_numbers, tmp_path, 0.4), tmp_path / "workers", workers=2)
    killer.join()
    assert killed["before"].items() <= finished(study).items()
    assert now["finished"] >= 8 and now["running"] == 0 and now["failed"] == 1
    (lost,) = [trial for trial in study.trials if trial.state.name == "FAIL"]
    assert [t.params for t in study.trials if t.params == lost.params and t.state.name == "COMPLETE"]


def test_three_failures_in_a_row_end_the_search(tmp_path):
    study = number_study(tmp_path)

    class Broken(Numbers):
        def __call__(self, trial):
            raise ValueError("always")

    with pytest.raises(SettingError, match="3 trials failed in a row"):
        search(study, 5, lambda: (study, Broken()), tmp_path / "workers")
    assert counts(study)["failed"] == 3
