"""One trial: a short training on a frozen study, validated on the way and given up where others were ahead."""

import math

import torch
from transformers import TrainerCallback

from pixel.benchmarks.frozen_study import FrozenStudy, mean_score
from pixel.training.turn_trainer import TurnTrainer


class Diverged(Exception):
    """Training ended in weights that are not finite."""


class Watch(TrainerCallback):
    """
    Measures the `tune` half every so many steps, tells the trial, and stops where the pruner says so.

    Nothing random happens in it: a watched training ends in the same weights as one that nobody watched.

    Args:
        study: what measures.
        trainer: whose heads are measured.
        trial: told the mean score after each measurement.
        every: optimizer steps between measurements, 0 for none. There is none after the last step, which ends the
            trial anyway.
        spare: never prune, only report.

    Raises:
        optuna.TrialPruned: out of `trainer.train()`, where the pruner gives the trial up.
        Diverged: likewise, where weights are not finite.
    """

    def __init__(self, study: FrozenStudy, trainer: TurnTrainer, trial, every: int, spare: bool = False):
        self.study, self.trainer, self.trial, self.every, self.spare = study, trainer, trial, every, spare

    def on_step_end(self, args, state, control, **kwargs):
        step = state.global_step
        if not self.every or step % self.every or step >= state.max_steps:
            return
        self._must_be_finite()
        self.trial.report(mean_score(self.study.measure(self.trainer, "tune")), step)
        if not self.spare and self.trial.should_prune():
            from optuna import TrialPruned

            raise TrialPruned(f"behind the others at step {step}")

    def on_train_end(self, args, state, control, **kwargs):
        self._must_be_finite()

    def _must_be_finite(self) -> None:
        total = sum(float(p.detach().abs().sum(dtype=torch.float64)) for p in self.trainer.model.parameters())
        if not math.isfinite(total):
            raise Diverged(f"weights are not finite at step {self.trainer.state.global_step}")
