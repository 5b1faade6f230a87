"""What a trial may change, between which bounds, and where it stands by default."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pixel.balancing import SCHEDULES, WEIGHTINGS, installed_weightings
from pixel.models.labels import OBJECTIVES
from pixel.training.training_arguments import PixelTrainingArguments, one_of

PARTS = ("weights", "field_weights", "schedule", "weighting", "learning_rate", "dropout")
"""Names of what can be searched; what is not named stays as the config has it."""

MAIN_OPTIONS = {
    "dwa": ("temperature", 0.5, 8.0),
    "cosine": ("cycles", 1, 4),
    "exponential": ("half_life", 0.02, 0.5),
    "gradnorm": ("alpha", 0.1, 3.0),
    "pareto": ("floor", 0.01, 0.5),
    "uncertainty": ("learning_rate", 0.005, 0.1),
    "famo": ("learning_rate", 0.005, 0.1),
}
"""Schedule -> its main option and the bounds between which that is suggested, log-uniformly."""


@dataclass(frozen=True)
class Knob:
    """
    One thing that a trial chooses.

    Attributes:
        name: of Optuna's parameter.
        default: what the config says.
        low, high: bounds of a number; a default outside widens them.
        choices: of a name; then there are no bounds.
        log: whether a number is drawn log-uniformly.
    """

    name: str
    default: Any
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()
    log: bool = True

    def suggest(self, trial) -> Any:
        """The trial's value."""
        if self.choices:
            return trial.suggest_categorical(self.name, self.choices)
        low, high = min(self.low, self.default), max(self.high, self.default)
        if isinstance(self.default, int):
            return trial.suggest_int(self.name, low, high)
        return trial.suggest_float(self.name, low, high, log=self.log)


class Space:
    """
    The settings among which trials choose. The weight of the language objective stays as it is: only the proportions
    of weights matter, and one of them has to be the measure. An objective of weight 0 stays off.

    Args:
        settings: of the config, by name of `PixelTrainingArguments`.
        head_dropout: of the config.
        objectives: those whose weight is searched (default: all but language).
        parts: some of `PARTS`.
        schedules: among which to choose (default: all).
        weightings: among which to choose (default: all that are installed but the mean, which is the sum at a lower
            learning rate).

    Raises:
        SettingError: a part, schedule or weighting that does not exist.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        head_dropout: float = 0.1,
        objectives: Sequence[str] = OBJECTIVES[1:],
        parts: Sequence[str] = PARTS,
        schedules: Sequence[str] | None = None,
        weightings: Sequence[str] | None = None,
    ):
        one_of("tune", parts, PARTS)
        one_of("schedules", schedules or (), SCHEDULES)
        one_of("weightings", weightings or (), WEIGHTINGS)
        self.settings, self.parts = dict(settings), tuple(parts)
        given = self.settings.get("objective_weights") or {}
        self.weights = {name: float(given.get(name, 1.0)) for name in OBJECTIVES}
        self.searched = [name for name in objectives if name != "language" and self.weights[name] > 0]
        self.field_weights = dict(self.settings.get("field_weights") or {})
        self.schedule = Knob("schedule", self._given("loss_schedule"), choices=_with(self, "loss_schedule", schedules))
        weightings = weightings or [name for name in installed_weightings() if name != "mean"]
        self.weighting = Knob("weighting", self._given("weighting"), choices=_with(self, "weighting", weightings))
        rate = float(self._given("learning_rate"))
        self.learning_rate = Knob("learning_rate", rate, rate / 10, rate * 10)
        self.dropout = Knob("head_dropout", float(head_dropout), 0.0, 0.5, log=False)
        self.field_scale = Knob("field_scale", 1.0, 0.25, 4.0)

    def suggest(self, trial) -> dict[str, Any]:
        """
        What a trial changes: settings by name of `PixelTrainingArguments`, and `head_dropout`.

        Args:
            trial: anything with Optuna's `suggest_float`, `suggest_int` and `suggest_categorical`.
        """
        found: dict[str, Any] = {}
        if "weights" in self.parts:
            found["objective_weights"] = self.weights | {k.name[7:]: k.suggest(trial) for k in self._weight_knobs()}
        if "field_weights" in self.parts and self.field_weights:
            scale = self.field_scale.suggest(trial)
            found["field_weights"] = {name: weight * scale for name, weight in self.field_weights.items()}
        if "schedule" in self.parts:
            name = self.schedule.suggest(trial)
            option = self._option_knob(name)
            found["loss_schedule"] = name
            found["loss_schedule_options"] = self._options(name)
            if option is not None:
                found["loss_schedule_options"] |= {MAIN_OPTIONS[name][0]: option.suggest(trial)}
        for part, knob, setting in (
            ("weighting", self.weighting, "weighting"),
            ("learning_rate", self.learning_rate, "learning_rate"),
            ("dropout", self.dropout, "head_dropout"),
        ):
            if part in self.parts:
                found[setting] = knob.suggest(trial)
        return found

    def defaults(self) -> dict[str, Any]:
        """The parameters that leave every setting as the config has it, for `Study.enqueue_trial`."""
        taken: dict[str, Any] = {}
        self.suggest(_Defaults(taken, {knob.name: knob.default for knob in self._knobs()}))
        return taken

    def describe(self) -> dict[str, Any]:
        """What must be the same for trials of one study to be comparable, ready for JSON."""
        return {
            "parts": sorted(self.parts),
            "objectives": sorted(self.searched),
            "schedules": list(self.schedule.choices),
            "weightings": list(self.weighting.choices),
            "defaults": self.defaults(),
        }

    def _given(self, name: str) -> Any:
        return self.settings.get(name, PixelTrainingArguments.__dataclass_fields__[name].default)

    def _options(self, schedule: str) -> dict[str, Any]:
        """The config's own options, where it is this schedule that they are for."""
        same = schedule == self._given("loss_schedule")
        return dict(self.settings.get("loss_schedule_options") or {}) if same else {}

    def _option_knob(self, schedule: str) -> Knob | None:
        if schedule not in MAIN_OPTIONS:
            return None
        option, low, high = MAIN_OPTIONS[schedule]
        default = inspect.signature(SCHEDULES[schedule]).parameters[option].default
        return Knob(f"{schedule}_{option}", self._options(schedule).get(option, default), low, high)

    def _weight_knobs(self) -> list[Knob]:
        return [Knob(f"weight_{n}", self.weights[n], self.weights[n] / 8, self.weights[n] * 8) for n in self.searched]

    def _knobs(self) -> Iterator[Knob]:
        yield from self._weight_knobs()
        yield from (self.field_scale, self.schedule, self.weighting, self.learning_rate, self.dropout)
        yield from filter(None, map(self._option_knob, SCHEDULES))


class _Defaults:
    """Stands for a trial and suggests what it was given."""

    def __init__(self, taken: dict[str, Any], values: Mapping[str, Any]):
        self.taken, self.values = taken, values

    def _suggest(self, name: str, *bounds, **more) -> Any:
        self.taken[name] = self.values[name]
        return self.values[name]

    suggest_float = suggest_int = suggest_categorical = _suggest


def _with(space: Space, setting: str, names: Sequence[str] | None) -> tuple[str, ...]:
    """The names, and the config's own among them."""
    return tuple(dict.fromkeys([space._given(setting), *(names or SCHEDULES)]))
