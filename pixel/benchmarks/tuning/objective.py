"""What a study maximises: the mean score on the `tune` half, or one score for each objective."""

import tempfile

import numpy as np

from pixel.benchmarks.frozen_study import FrozenStudy, mean_score
from pixel.benchmarks.tuning.space import Space
from pixel.benchmarks.tuning.trial import Diverged, Watch
from pixel.models.labels import OBJECTIVES

WORST = -1.0
"""The score of a training that diverged: no Pearson's r and no Somers' D is lower."""


class Objective:
    """
    Called with a trial: trains once with what the space suggests. All trials have the same seed, so that settings are
    compared, not draws.

    A trial keeps `settings`, `scores` (by objective), `seconds` and `worker` as user attributes.

    Args:
        study: the turns and the budget.
        space: what a trial may change.
        seed: of every trial.
        every: optimizer steps between intermediate validations, 0 for none.
        names: the objectives whose scores are the values of a trial, for a study with several (default: their mean is
            the one value).
        worker: a name that trials keep, to tell later whether who ran them is still there.
    """

    def __init__(
        self,
        study: FrozenStudy,
        space: Space,
        seed: int = 0,
        every: int = 0,
        names: list[str] | None = None,
        worker: str = "",
    ):
        self.study, self.space, self.seed = study, space, seed
        self.every, self.names, self.worker = 0 if names else every, names, worker

    def __call__(self, trial) -> float | tuple[float, ...]:
        trial.set_user_attr("worker", self.worker)
        settings = self.space.suggest(trial)
        trial.set_user_attr("settings", settings)
        spare = bool(trial.user_attrs.get("default"))
        try:
            run = self.study.run(
                settings,
                self.seed,
                parts=("tune",),
                prepare=lambda trainer: trainer.add_callback(Watch(self.study, trainer, trial, self.every, spare)),
            )
        except Diverged as error:
            trial.set_user_attr("diverged", str(error))
            return tuple(WORST for _ in self.names) if self.names else WORST
        scores = {name: float(np.mean(list(metrics.values()))) for name, metrics in run["tune"].items()}
        trial.set_user_attr("scores", scores)
        trial.set_user_attr("seconds", run["seconds"])
        return tuple(scores[name] for name in self.names) if self.names else mean_score(run["tune"])


def measured_objectives(study: FrozenStudy) -> list[str]:
    """The objectives that can be measured on the `tune` half, in their usual order."""
    with tempfile.TemporaryDirectory() as folder:
        measured = study.measure(study.trainer({}, 0, folder), "tune")
    return [name for name in OBJECTIVES if measured.get(name)]
