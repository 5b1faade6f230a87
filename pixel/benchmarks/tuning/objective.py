"""What a study maximises: the mean score on people who were not trained on, or one score for each objective."""

import tempfile
from collections.abc import Sequence

import numpy as np

from pixel.benchmarks.frozen_study import FrozenStudy
from pixel.benchmarks.tuning.space import Space
from pixel.benchmarks.tuning.trial import Diverged, Watch
from pixel.models.labels import OBJECTIVES

WORST = -1.0
"""The score of a training that diverged: no Pearson's r and no Somers' D is lower."""


class Objective:
    """
    Called with a trial: trains with what the space suggests, once a fold, and gives the mean over folds. All trials
    have the same seeds, so that settings are compared, not draws.

    A trial keeps `settings`, `scores` (by objective), `seconds` and `worker` as user attributes.

    Args:
        studies: the turns and the budget; one, or one for each fold (see `pixel.benchmarks.group_folds`).
        space: what a trial may change.
        seed: of every trial's first training; each fold has the next one.
        every: optimizer steps between intermediate validations, 0 for none. With folds, each fold that has ended is
            one, at its number, and this is not used.
        names: the objectives whose scores are the values of a trial, for a study with several (default: their mean is
            the one value).
        worker: a name that trials keep, to tell later whether who ran them is still there.
    """

    def __init__(
        self,
        studies: Sequence[FrozenStudy],
        space: Space,
        seed: int = 0,
        every: int = 0,
        names: list[str] | None = None,
        worker: str = "",
    ):
        self.studies, self.space, self.seed = list(studies), space, seed
        self.every, self.names, self.worker = 0 if names else every, names, worker

    def __call__(self, trial) -> float | tuple[float, ...]:
        trial.set_user_attr("worker", self.worker)
        settings = self.space.suggest(trial)
        trial.set_user_attr("settings", settings)
        scores: dict[str, list[float]] = {}
        seconds = 0.0
        for fold, study in enumerate(self.studies):
            try:
                run = self._train(study, settings, trial, self.seed + fold)
            except Diverged as error:
                trial.set_user_attr("diverged", str(error))
                return tuple(WORST for _ in self.names) if self.names else WORST
            for name, metrics in run["tune"].items():
                scores.setdefault(name, []).append(float(np.mean(list(metrics.values()))))
            seconds += run["seconds"]
            self._tell(trial, scores, fold + 1)
        means = {name: float(np.mean(values)) for name, values in scores.items()}
        trial.set_user_attr("scores", means)
        trial.set_user_attr("seconds", round(seconds, 2))
        return tuple(means[name] for name in self.names) if self.names else float(np.mean(list(means.values())))

    def _train(self, study: FrozenStudy, settings: dict, trial, seed: int) -> dict:
        every, spare = (self.every if len(self.studies) == 1 else 0), bool(trial.user_attrs.get("default"))
        return study.run(
            settings,
            seed,
            parts=("tune",),
            prepare=lambda trainer: trainer.add_callback(Watch(study, trainer, trial, every, spare)),
        )

    def _tell(self, trial, scores: dict[str, list[float]], folds: int) -> None:
        """The mean over the folds so far, to the pruner."""
        if self.names or folds == len(self.studies):
            return
        trial.report(float(np.mean([np.mean(values) for values in scores.values()])), folds)
        if not trial.user_attrs.get("default") and trial.should_prune():
            from optuna import TrialPruned

            raise TrialPruned(f"behind the others after {folds} folds")


def measured_objectives(study: FrozenStudy) -> list[str]:
    """The objectives that can be measured on the `tune` half, in their usual order."""
    with tempfile.TemporaryDirectory() as folder:
        measured = study.measure(study.trainer({}, 0, folder), "tune")
    return [name for name in OBJECTIVES if measured.get(name)]
