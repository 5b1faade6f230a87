"""What every tracker is told, and what it can do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pixel.tracking.settings import OWN, TrackingSettings

LEVELS = {"info": "INFO", "warning": "WARN", "error": "ERROR"}
"""Severity of an alert -> what trackio and W&B call it."""


@dataclass
class RunInfo:
    """
    Attributes:
        id: of the run, the same before and after a resume.
        name: what a person sees.
        folder: the run's output.
        settings: of the configuration.
        resumed: whether the run goes on from a checkpoint.
        step: where it goes on, or 0.
        config: all arguments, without secrets.
    """

    id: str
    name: str
    folder: Path
    settings: TrackingSettings = field(default_factory=TrackingSettings)
    resumed: bool = False
    step: int = 0
    config: Mapping[str, Any] = field(default_factory=dict)


class Tracker:
    """
    One run in one tracker. Every method may raise and may be slow: `pixel.tracking.guard.Guarded` calls them.
    """

    def start(self, run: RunInfo) -> int | None:
        """Open the run; the last step of it the tracker holds, where it knows better than the run's own ledger."""
        raise NotImplementedError

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Take one entry of numbers, `section/panel` -> value."""
        raise NotImplementedError

    def alert(self, alert: Any) -> None:
        """Take a `pixel.monitoring.alerts.Alert`."""

    def summary(self, values: Mapping[str, float]) -> None:
        """Take the figures a run ends with."""

    def artifact(self, name: str, kind: str, files: Sequence[Path], metadata: Mapping[str, Any]) -> None:
        """Keep files with the run, and what is known of them."""

    def finish(self) -> None:
        """End the run."""


def tracker_for(name: str, wrapped: Callable[[str], Tracker]) -> Tracker:
    """
    A tracker by name.

    Args:
        name: one of `pixel.tracking.settings.OWN`, or another.
        wrapped: makes one for a name of transformers' integrations.
    """
    if name not in OWN:
        return wrapped(name)
    from importlib import import_module

    return import_module(f"pixel.tracking.trackers.{name}_run").TRACKER()
