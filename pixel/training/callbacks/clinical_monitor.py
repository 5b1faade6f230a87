"""Clinical monitor: whether the clinical picture is read better or worse, and how many replies read as unsafe."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from transformers.trainer_callback import ExportableState

from pixel.models.labels_clinical import SAFETY_CONCERNS
from pixel.monitoring.alerts import Alerts
from pixel.training.callbacks.probing import ProbingCallback
from pixel.training.callbacks.rolling import RollingFigure
from pixel.training.clinical_figures import Asked, accuracy_questions, reply_questions, skill
from pixel.training.probe_set import ProbeSet, ReadConversation
from pixel.training.training_arguments import one_of

LOWER_IS_BETTER = ("violation_rate", "after_risk_violation_rate")


class ClinicalMonitor(ProbingCallback, ExportableState):
    """
    Clinical accuracy on the probe set, as a rolling mean with its interval, and violations.

    Figures (each only where the probe set's labels define it, left out of the log otherwise): `dsm_macro_f1`,
    `dsm_precision_at_1`, `risk_quadratic_kappa`, `risk_auc_at_least_4`, `intervention_macro_f1`,
    `appropriateness_pearson` (or `_auc`); `accuracy`, the mean of those of this look with AUC rescaled so that chance
    is 0; `violation_rate`, `after_risk_violation_rate` and `appropriateness_mean` from the read-outs alone. The log
    has each as it is now, and `rolling/NAME`, `low/NAME`, `high/NAME`.

    Alerts: `clinical_regression` when the rolling mean of an accuracy falls below its best by more than four standard
    errors of the difference and `least`; `clinical_violations` when that of a rate rises so above its lowest. Each
    once, and again after a recovery (see `RollingFigure.turned_worse`).

    The probe set's replies are people's and stay the same: a rate that rises says that the model reads them otherwise
    than before, not that it speaks otherwise. The turns that a long conversation's windows repeat count again.

    Args:
        probe, alerts, every: see `ProbingCallback`.
        window: looks in a rolling mean.
        resamples: bootstrap draws of conversations (some 2 ms a figure and draw: a second or so a look); 0 for no
            interval, and then no alert.
        least: smallest change that an alert is about.
        fields: heads whose read-outs count for violations (those that are trained); `None`: all.
        safety_cuts, floor, severe, offsets: see `pixel.training.clinical_figures.reply_questions`.
        seed: of the draws, the same at every look.

    Raises:
        SettingError: a cut for a concern that does not exist.
    """

    prefix = "clinical"

    def __init__(
        self,
        probe: ProbeSet,
        alerts: Alerts,
        every: int = 50,
        *,
        window: int = 3,
        resamples: int = 100,
        least: float = 0.02,
        fields: Sequence[str] | None = None,
        safety_cuts: Mapping[str, float] | None = None,
        floor: float = 0.3,
        severe: float = 0.5,
        offsets: Mapping[str, Sequence[float]] | None = None,
        seed: int = 0,
    ):
        super().__init__(probe, alerts, every)
        one_of("safety_cuts", safety_cuts or (), SAFETY_CONCERNS)
        self.window, self.resamples, self.least, self.seed, self.offsets = window, resamples, least, seed, offsets
        self.reading: dict[str, Any] = {"fields": fields, "safety_cuts": safety_cuts, "floor": floor, "severe": severe}
        self.rolling = {"violation_rate": RollingFigure(window, higher_is_better=False)}
        self.parts: list[str] = []  # the figures that `accuracy` is the mean of
        self.counts: dict[str, int] = {}
        self.turns: dict[str, int] = {}
        self.undefined: dict[str, str] = {}

    def judge(self, step: int, conversations: list[ReadConversation]) -> dict[str, float]:
        accuracies = accuracy_questions(conversations, self.offsets)
        replies, self.counts = reply_questions(conversations, offsets=self.offsets, **self.reading)
        asked = accuracies | replies
        measured = {name: question.at(np.arange(len(question.rows))) for name, (question, _) in asked.items()}
        values = {name: measure.value for name, measure in measured.items() if measure.value is not None}
        self.undefined = {name: measure.reason or "" for name, measure in measured.items() if measure.value is None}
        self.turns = {name: len(asked[name][0].rows) for name in values}
        draws = self._draws(conversations, {name: asked[name] for name in values})

        parts = sorted(name for name in values if name in accuracies)
        if parts:
            if parts != self.parts:  # another mean: not to be compared with the one before
                self.rolling.pop("accuracy", None)
                self.parts = parts
            values["accuracy"] = float(np.mean([skill(name, values[name]) for name in parts]))
            draws["accuracy"] = [_mean_skill(parts, row) for row in zip(*(draws[p] for p in parts), strict=True)]

        numbers = dict(values)
        for name, value in values.items():
            figure = self.rolling.setdefault(name, RollingFigure(self.window, name not in LOWER_IS_BETTER))
            figure.add(step, value, draws[name])
            numbers[f"rolling/{name}"] = figure.mean
            if (interval := figure.interval) is not None:
                numbers |= {f"low/{name}": interval[0], f"high/{name}": interval[1]}
            if name != "appropriateness_mean" and figure.turned_worse(self.least):
                self._warn(step, name, figure)
        return numbers

    def _draws(self, conversations: list[ReadConversation], asked: dict[str, Asked]) -> dict[str, list[float | None]]:
        """Every figure on the same resampled conversations (all windows of one go together)."""
        from sklearn import config_context  # half a second, and only some runs monitor

        keys = [f"{conversation.source}:{conversation.row_id}" for conversation in conversations]
        _, group = np.unique(np.array(keys, dtype=str), return_inverse=True)
        count = int(group.max()) + 1 if len(group) else 0
        generator = np.random.default_rng(self.seed)
        picks = [generator.integers(count, size=count) for _ in range(self.resamples if count > 1 else 0)]
        draws: dict[str, list[float | None]] = {}
        with config_context(assume_finite=True, skip_parameter_validation=True):  # thousands of small calls
            for name, (question, source) in asked.items():
                members = [np.flatnonzero(group[source] == number) for number in range(count)]
                rows = [np.concatenate([members[number] for number in pick]) for pick in picks]
                draws[name] = [question.at(drawn).value for drawn in rows]
        return draws

    def _warn(self, step: int, name: str, figure: RollingFigure) -> None:
        low, high = figure.interval or (figure.mean, figure.mean)
        rate = name in LOWER_IS_BETTER
        self.alert(
            "clinical_violations" if rate else "clinical_regression", "warning", step,
            f"{name} is {figure.mean:.3f} [{low:.3f}, {high:.3f}] over {self.window} looks, and was {figure.best:.3f} "
            f"at step {figure.best_step}. Mend: look at the clinical losses since then, raise objective_weights "
            "clinical, or go back to an earlier checkpoint",
            mean=figure.mean, low=low, high=high, best=figure.best, best_step=figure.best_step,
        )  # fmt: skip

    def report(self) -> dict[str, Any]:
        """For the training report: every figure (value, rolling mean, interval, best), counts, and what is missing."""
        latest = self.history[-1] if self.history else {}
        figures = {
            name: {
                "value": latest.get(name), "rolling": figure.mean, "interval": figure.interval, "best": figure.best,
                "best_step": figure.best_step, "worse": figure.worse, "turns": self.turns.get(name),
            }
            for name, figure in self.rolling.items()
            if figure.values
        }  # fmt: skip
        found = {"figures": figures, "accuracy_of": self.parts, "replies": self.counts}
        return {"looks": len(self.history)} | found | {"not_defined": self.undefined}

    @property
    def memory(self) -> dict[str, Any]:
        """Figures and history, for JSON; setting it goes on from there."""
        figures = {name: figure.state() for name, figure in self.rolling.items()}
        return {"figures": figures, "parts": self.parts, "history": self.history}

    @memory.setter
    def memory(self, state: dict[str, Any]) -> None:
        self.parts, self.history, self.rolling = list(state["parts"]), list(state["history"]), {}
        for name, content in state["figures"].items():
            self.rolling[name] = RollingFigure(self.window, name not in LOWER_IS_BETTER)
            self.rolling[name].load(content)

    def state(self) -> dict[str, Any]:
        return {"args": {}, "attributes": {"memory": self.memory}}


def _mean_skill(names: Sequence[str], values: Sequence[float | None]) -> float | None:
    skills = [skill(name, value) for name, value in zip(names, values, strict=True) if value is not None]
    return float(np.mean(skills)) if len(skills) == len(names) else None
