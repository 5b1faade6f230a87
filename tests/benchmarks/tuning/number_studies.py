"""Studies of numbers, without training and without torch: for worker processes that are to be killed."""

import os
import time
from pathlib import Path

from pixel.benchmarks.tuning.presence import Presence
from pixel.benchmarks.tuning.store import open_study


class Numbers:
    """An objective without training: a number and where it was drawn. Sleeps, so that it can be killed."""

    worker = ""

    def __init__(self, seconds: float = 0.0):
        self.seconds = seconds

    def __call__(self, trial) -> float:
        trial.set_user_attr("worker", self.worker)
        x = trial.suggest_float("x", 0.0, 1.0)
        trial.set_user_attr("process", os.getpid())
        time.sleep(self.seconds)
        return x


def number_study(folder: Path, **options):
    """Optuna's study in a file of that folder."""
    return open_study(f"sqlite:///{folder / 'studies.db'}", "numbers", {"kind": "numbers"}, **options)


def prepare_numbers(folder: Path, seconds: float = 0.0):
    """For worker processes."""
    return number_study(folder), Numbers(seconds)


def start_and_sleep(folder: Path) -> None:
    """A worker that begins a trial and never ends."""
    study, _ = prepare_numbers(folder)
    with Presence(folder / "workers") as sign:
        trial = study.ask()
        trial.set_user_attr("worker", sign.name)
        trial.suggest_float("x", 0.0, 1.0)
        time.sleep(600)
