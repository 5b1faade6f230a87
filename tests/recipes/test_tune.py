"""`recipes/tune.py` from the command line: killed, gone on with, and what it leaves to train with."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest
import yaml

ROOT = Path(__file__).parents[2]
FIELDS = ["emotion", "vad", "persona_mode", "risk", "appropriateness", "emotional_reactions", "genuine"]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with small.yaml: some of the seed corpus, a tiny trunk, four steps; and a cache of its own."""
    folder = tmp_path_factory.mktemp("tune")
    options = {
        "model_name_or_path": "tiny:llama", "model_dtype": "float32", "fields": FIELDS, "head_hidden_size": 0,
        "shared_size": 8, "corpora": ["seed"], "limit": {"seed": 24}, "max_steps": 4, "frozen_trunk": True,
        "per_device_train_batch_size": 8, "learning_rate": 1e-2, "save_strategy": "no",
        "output_dir": str(folder / "model"), "max_length": 256,
    }  # fmt: skip
    (folder / "small.yaml").write_text(yaml.safe_dump(options))
    return folder


def start(place: Path, *arguments: str, recipe: str = "tune", **more) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PIXEL_CACHE": str(place / "cache")}
    return subprocess.Popen(
        [sys.executable, f"recipes/{recipe}.py", *arguments],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more,
    )  # fmt: skip


def run(place: Path, *arguments: str, **more) -> str:
    process = start(place, *arguments, **more)
    out, error = process.communicate(timeout=300)
    assert process.returncode == 0, error[-4000:]
    return out


def options(place: Path, trials: int) -> list[str]:
    return [
        "--config", str(place / "small.yaml"), "--output_dir", str(place / "out"), "--trials", str(trials),
        "--validations", "1", "--folds", "1", "--seeds", "2", "--study_name", "one",
    ]  # fmt: skip


def finished(place: Path) -> dict[int, tuple]:
    """Number -> state, values and parameters of the trials that have ended well."""
    try:
        study = optuna.load_study(study_name="one", storage=f"sqlite:///{place / 'out' / 'studies.db'}")
    except Exception:  # not there yet
        return {}
    ended = [trial for trial in study.trials if trial.state.name in ("COMPLETE", "PRUNED")]
    return {trial.number: (trial.state.name, trial.values, trial.params) for trial in ended}


@pytest.fixture(scope="module")
def resumed(place) -> tuple[dict, str]:
    """Killed after the first trials, and run again: what was finished before, and what the second run printed."""
    process = start(place, *options(place, 50))
    deadline = time.time() + 240
    while len(finished(place)) < 2 and process.poll() is None and time.time() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    before = finished(place)
    return before, run(place, *options(place, len(before) + 1))


@pytest.mark.slow
def test_a_study_killed_midway_loses_no_finished_trial_and_does_only_the_rest(place, resumed):
    before, _ = resumed
    after = finished(place)
    assert len(before) >= 2
    assert {number: after[number] for number in before} == before
    assert len(after) == len(before) + 1


@pytest.mark.slow
def test_the_report_compares_winner_and_defaults_on_the_test_half(place, resumed):
    found = json.loads((place / "out" / "one" / "tuning.json").read_text())
    assert found["default"]["number"] == 0
    assert found["best"]["values"][0] >= found["default"]["values"][0]
    assert found["comparison"]["seeds"] == [1, 2]
    for name in ("best.yaml", "tuned.yaml", "figures.html"):
        assert (place / "out" / "one" / name).stat().st_size > 50
    assert re.search(r"\| mean \| -?0\.\d{4} \| -?0\.\d{4} \| [+-]0\.\d{4} \|", resumed[1])


@pytest.mark.slow
def test_the_best_settings_are_a_config_to_train_with(place, resumed):
    best = yaml.safe_load((place / "out" / "one" / "best.yaml").read_text())
    alone = yaml.safe_load((place / "out" / "one" / "tuned.yaml").read_text())
    assert alone.items() <= best.items()
    assert best["output_dir"].endswith("model_tuned")
    run(place, "--config", str(place / "out" / "one" / "best.yaml"), recipe="train")
    assert json.loads((place / "model_tuned" / "metrics.json").read_text())["steps"] == 4


@pytest.mark.slow
def test_two_workers_find_a_pareto_front(place):
    arguments = [*options(place, 4), "--study_name", "front", "--objectives", "pareto", "--workers", "2", "--tune"]
    out = run(place, *arguments, "weights", "learning_rate")
    found = json.loads((place / "out" / "front" / "tuning.json").read_text())
    assert found["counts"]["finished"] >= 4 and found["counts"]["failed"] == 0
    objectives = len(found["default"]["values"])
    assert objectives > 1
    for trial in found["front"]:  # nobody is better everywhere
        assert not any(all(b > a for a, b in zip(trial["values"], o["values"], strict=True)) for o in found["front"])
    assert "front" in out


@pytest.mark.slow
def test_other_options_on_the_same_study_are_refused_in_one_line(place, resumed):
    process = start(place, *options(place, 3), "--max_steps", "2")
    _, error = process.communicate(timeout=300)
    assert process.returncode == 1
    last = error.strip().splitlines()[-1]
    assert last.startswith("error: the study 'one' was begun with other settings") and "Mend:" in last
