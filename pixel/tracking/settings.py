"""Which trackers a run has, and under which name it goes there."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from typing import Any

OWN = {"trackio": "trackio", "wandb": "wandb", "tensorboard": "tensorboard"}
"""Trackers that get Pixel's names -> the package each needs."""

ARTIFACTS = ("none", "small", "model")


class TrackingError(ValueError):
    """A tracking option that does not exist or cannot be; says in one line how to mend it."""


@dataclass
class TrackingSettings:
    """
    What stands under `tracking:` of a configuration.

    Attributes:
        trackers: `trackio`, `wandb`, `tensorboard`, or another that transformers knows; `report_to` names them too.
        project: in the tracker.
        name: of the run; by default the name of the output folder and a few random letters.
        group: of runs that belong together, such as the seeds of one experiment.
        tags: words to find it by.
        artifacts: what is kept with the run at its end. `none`; `small` (lineage, metrics and report, and the model by
            its hashes alone), or `model` (its weights as well). `true` is `small` and `false` is `none`.
        patience: seconds that training waits at its end, in all, for trackers to take in what is left.
        queue: log entries that wait for a slow tracker; later ones are put off until it answers.
    """

    trackers: list[str] = field(default_factory=list)
    project: str = "pixel"
    name: str | None = None
    group: str | None = None
    tags: list[str] = field(default_factory=list)
    artifacts: str = "small"
    patience: float = 30.0
    queue: int = 512

    def __post_init__(self):
        if isinstance(self.artifacts, bool):
            self.artifacts = "small" if self.artifacts else "none"
        for name in ("trackers", "tags"):
            if isinstance(getattr(self, name), str):
                setattr(self, name, [getattr(self, name)])
        if self.artifacts not in ARTIFACTS:
            raise TrackingError(f"tracking: artifacts is {self.artifacts!r}. Mend: use one of: {', '.join(ARTIFACTS)}")
        if not re.fullmatch(r"[\w.-]{1,100}", self.project):
            raise TrackingError(
                f"tracking: project is {self.project!r}. Mend: letters, digits, dots, dashes and underscores"
            )
        if self.patience < 0 or self.queue < 1:
            raise TrackingError("tracking: patience or queue is too small. Mend: patience 0 or more, queue 1 or more")

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "TrackingSettings":
        """
        From a configuration.

        Raises:
            TrackingError: an option that does not exist, or a value that cannot be.
        """
        known = [option.name for option in fields(cls)]
        unknown = [name for name in options if name not in known]
        if unknown:
            raise TrackingError(f"tracking: there is no {unknown[0]!r}. Mend: use one of: {', '.join(known)}")
        try:
            return cls(**options)
        except TypeError as error:
            raise TrackingError(f"tracking: {error}. Mend: see pixel.tracking.settings") from error


def take_over(report_to: Iterable[str] | str | None, tracking: Mapping[str, Any]) -> dict[str, Any]:
    """
    `tracking` with the trackers that `report_to` names, so that transformers builds none of its own.

    `all` stands for the installed ones of `OWN`, `none` for no more than `tracking` names itself.

    Example:
        >>> take_over(["tensorboard"], {"project": "p", "trackers": ["wandb"]})
        {'project': 'p', 'trackers': ['wandb', 'tensorboard']}
        >>> take_over("none", {})
        {}
    """
    named = [report_to] if isinstance(report_to, str) else list(report_to or ())
    if "all" in named:
        named = [name for name in OWN if installed(name)]
    before = tracking.get("trackers") or []
    before = [before] if isinstance(before, str) else list(before)
    trackers = list(dict.fromkeys([*before, *(name for name in named if name != "none")]))
    return {**tracking, **({"trackers": trackers} if trackers else {})}


def installed(name: str) -> bool:
    """Whether the package of a tracker is there (without loading it)."""
    return find_spec(OWN.get(name, name)) is not None
