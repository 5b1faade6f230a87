"""The stages of a curriculum: which rows each admits, and what must hold to leave it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

PACINGS = ("sqrt", "linear", "stages")


@dataclass(frozen=True)
class Stage:
    """
    One stage.

    Attributes:
        name: for the log.
        max_difficulty: rows above it wait.
        domains: names of row groups (knowledge domains, objectives, stages of empathy) that the stage admits; empty
            for all.
        until: share of the run at which it ends at the latest; `None` for no limit.
        milestones: validation metric -> `{"at_least": x}` or `{"at_most": x}`, all of which end the stage; empty: it
            ends when held-out losses stop getting better.
    """

    name: str
    max_difficulty: float = 1.0
    domains: tuple[str, ...] = ()
    until: float | None = None
    milestones: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @classmethod
    def read(cls, given: Mapping[str, Any], number: int) -> "Stage":
        """
        From YAML: `{name, max_difficulty, domains, objectives, until, milestones}`, all optional.

        Raises:
            ValueError: an unknown key, a number out of range, a milestone without a bound.
        """
        known = {"name", "max_difficulty", "domains", "objectives", "until", "milestones"}
        name = given.get("name", f"stage {number + 1}")
        if unknown := set(given) - known:
            raise ValueError(f"curriculum stage {name!r}: unknown {sorted(unknown)}; use some of {sorted(known)}")
        milestones = given.get("milestones") or {}
        for metric, bound in milestones.items():
            if not isinstance(bound, Mapping) or not bound or set(bound) - {"at_least", "at_most"}:
                raise ValueError(f"curriculum stage {name!r}: milestone {metric} needs at_least or at_most: {bound}")
        stage = cls(
            name=name,
            max_difficulty=float(given.get("max_difficulty", 1.0)),
            domains=(*(given.get("domains") or ()), *(given.get("objectives") or ())),
            until=given.get("until"),
            milestones=milestones,
        )
        for option in ("max_difficulty", "until"):
            value = getattr(stage, option)
            if value is not None and not 0 < value <= 1:
                raise ValueError(f"curriculum stage {name!r}: {option} is {value}; it must be in (0, 1]")
        return stage

    def reached(self, metrics: Mapping[str, float]) -> dict[str, bool]:
        """Which milestones hold; one whose metric was not measured does not."""
        out = {}
        for metric, bound in self.milestones.items():
            value = metrics.get(metric, float("nan"))
            out[metric] = value >= bound.get("at_least", -float("inf")) and value <= bound.get("at_most", float("inf"))
        return out


class Limit(NamedTuple):
    """What holds at one draw: the stage's number, and the greatest difficulty admitted."""

    stage: int
    competence: float


@dataclass(frozen=True)
class Event:
    """A move: `kind` is `advance` or `fall_back`, `name` the stage entered, `values` the numbers behind it."""

    kind: str
    name: str
    reason: str
    values: dict[str, float] = field(default_factory=dict)


def competence(progress: float, start: float, pacing: str) -> float:
    r"""
    The share of rows, easiest first, that a learner is ready for.

    .. math:: c(t) = \min\big(1, \sqrt{t (1 - c_0^2) + c_0^2}\big) \quad\text{or linear: } \min(1, t (1 - c_0) + c_0)

    Args:
        progress: t, 0 at the start and 1 where every row is admitted.
        start: c_0.
        pacing: `sqrt` or `linear`.

    Source: Platanios et al., NAACL 2019, equations 6 and 7.
    """
    power = 2 if pacing == "sqrt" else 1
    return min(1.0, (max(progress, 0.0) * (1 - start**power) + start**power) ** (1 / power))


def plan(
    pacing: str, given: Sequence[Mapping[str, Any]] | None, adaptive: bool, levels: int, start: float, length: float
) -> list[Stage]:
    """
    The stages of a curriculum (see `pixel.training.curriculum.Curriculum` for the arguments).

    Stages that were given; else, if it is adaptive, `competence` cut into `levels`, each ending where the curve
    reaches the next, the last admitting every row; else one, under which competence follows the curve.

    Raises:
        ValueError: a setting out of range.
    """
    if pacing not in PACINGS or (pacing == "stages") != bool(given):
        raise ValueError(f"curriculum: pacing is {pacing!r}; use sqrt or linear, or give stages")
    for name, value in (("start", start), ("length", length)):
        if not 0 < value <= 1:
            raise ValueError(f"curriculum: {name} is {value}; it must be in (0, 1]")
    if given:
        return [Stage.read(stage, number) for number, stage in enumerate(given)]
    if not adaptive:
        return [Stage(pacing)]
    if levels < 2:
        raise ValueError(f"curriculum: levels is {levels}; an adaptive curriculum needs at least 2")
    steps = levels - 1
    growing = [
        Stage(f"level {n + 1}", competence(n / steps, start, pacing), until=length * (n + 1) / steps)
        for n in range(steps)
    ]
    return [*growing, Stage(f"level {levels}")]


def lengths_of(stages: Sequence[Stage]) -> list[float | None]:
    """
    How long each stage may last, as shares of the run; the last has no end.

    Raises:
        ValueError: `until` does not grow from stage to stage.
    """
    lengths: list[float | None] = []
    before = 0.0
    for stage in stages[:-1]:
        if stage.until is None:
            lengths.append(None)
        elif stage.until <= before:
            raise ValueError(f"curriculum stage {stage.name!r} ends at {stage.until}, before it begins at {before}")
        else:
            lengths.append(stage.until - before)
            before = stage.until
    return [*lengths, None]
