"""All measures of a system on some dialogues, each with its interval over dialogues."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pixel.metrics.auc import auc
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import Measure, defined, undefined
from pixel.models.labels import PERSONA_MODES
from pixel.persona.consistency import drift, held_share, stretches
from pixel.persona.detection import detection_accuracy, detection_macro_f1
from pixel.persona.smoothness import excess_variation, needless_flips
from pixel.persona.switches import WINDOW, SwitchCount, count_switches, total


@dataclass(frozen=True)
class Followed:
    """
    One dialogue as a system went through it.

    Attributes:
        id: of the dialogue.
        needed, given: modes of the person's turns.
        probabilities: `[user turns, 3]` in the order of `PERSONA_MODES`, or `None` where the system has none.
    """

    id: str
    needed: Sequence[str]
    given: Sequence[str]
    probabilities: np.ndarray | None = None

    @cached_property
    def switches(self) -> SwitchCount:
        """What became of the switches, within `WINDOW` turns."""
        return count_switches(self.needed, self.given, WINDOW)

    @cached_property
    def excess(self) -> float | None:
        """Excess variation of its probabilities."""
        return excess_variation(self.probabilities, self.needed).value

    @cached_property
    def slopes(self) -> list[float | None]:
        """Drift of the needed mode's probability, stretch by stretch."""
        columns = [(start, end, PERSONA_MODES.index(self.needed[start])) for start, end in stretches(self.needed)]
        return [drift(self.probabilities[start:end, column]).value for start, end, column in columns]


@dataclass(frozen=True)
class Score:
    """A figure, its 95% interval over dialogues (`None`: not defined), how many turns or switches, and why none."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str | None = None


Few = Sequence[Followed]


def _all(few: Few, what: str) -> list[str]:
    return [mode for one in few for mode in getattr(one, what)]


def _switches(few: Few):
    return total(one.switches for one in few)


def _mean(values: Sequence[float | None], reason: str) -> Measure:
    found = [value for value in values if value is not None]
    return defined(np.mean(found)) if found else undefined(reason)


def therapy_auc(few: Few) -> Measure:
    """How often a turn that needs therapy ranks above one that needs an assistant, by probability of therapy."""
    if any(one.probabilities is None for one in few):
        return undefined("no probabilities")
    needed, place = np.array(_all(few, "needed")), PERSONA_MODES.index("therapy")
    scores = np.concatenate([one.probabilities[:, place] for one in few]) if len(needed) else np.empty(0)
    sure = needed != "hybrid"
    return auc(needed[sure] == "therapy", scores[sure])


def _variation(few: Few) -> Measure:
    if any(one.probabilities is None for one in few):
        return undefined("no probabilities")
    return _mean([one.excess for one in few], "no two turns in one mode")


def mean_drift(few: Few) -> Measure:
    """Mean slope of the needed mode's probability over stretches of four turns or more, per ten turns."""
    if any(one.probabilities is None for one in few):
        return undefined("no probabilities")
    slopes = [slope for one in few for slope in one.slopes]
    return _mean(slopes, "no stretch of four turns in one mode")


MEASURES: dict[str, tuple[Callable[[Few], Measure], bool]] = {
    "detection_accuracy": (lambda few: detection_accuracy(_all(few, "needed"), _all(few, "given")), True),
    "detection_macro_f1": (lambda few: detection_macro_f1(_all(few, "needed"), _all(few, "given")), True),
    "therapy_auc": (therapy_auc, True),
    "switch_recall": (lambda few: _switches(few).recall, True),
    "switch_precision": (lambda few: _switches(few).precision, True),
    "switch_f1": (lambda few: _switches(few).f1, True),
    "switch_delay": (lambda few: _switches(few).mean_delay, False),
    "false_switches_per_100": (lambda few: _switches(few).false_per_hundred, False),
    "missed_switches_per_100": (lambda few: _switches(few).missed_per_hundred, False),
    "excess_variation": (_variation, False),
    "needless_flips_per_dialogue": (
        lambda few: _mean([needless_flips(one.needed, one.given) for one in few], "no dialogue"),
        False,
    ),
    "held_share": (lambda few: _mean([held_share(one.needed, one.given, 1).value for one in few], "no stretch"), True),
    "drift": (mean_drift, True),
}
"""Name -> (function of dialogues, whether more is better)."""


def scores(few: Few, names: Sequence[str] = tuple(MEASURES), resamples: int = 500, seed: int = 0) -> dict[str, Score]:
    """
    Every measure on all dialogues.

    Args:
        few: dialogues.
        names: some of `MEASURES`.
        resamples, seed: of the bootstrap, which draws whole dialogues.

    Returns:
        name -> `Score`; `n` counts user turns, for `switch_*` needed switches.
    """
    few, out = list(few), {}
    turns = sum(len(one.needed) for one in few)
    switches = sum(len(stretches(one.needed)) - 1 for one in few if len(one.needed))
    for name in names:
        measure = MEASURES[name][0]
        value, reason = measure(few)
        ends = None
        if value is not None:
            ends = bootstrap_interval(
                lambda drawn, measure=measure: measure([few[index] for index in drawn]),
                len(few), resamples=resamples, seed=seed,
            )  # fmt: skip
        low, high = ends or (None, None)
        out[name] = Score(value, low, high, switches if name.startswith("switch_") else turns, reason)
    return out
