"""What a run tells a tracker, where its data and code came from, and how runs compare."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixel.tracking.guard import Guarded
    from pixel.tracking.lineage import lineage, read_lineage
    from pixel.tracking.panels import grouped, sections
    from pixel.tracking.registry import Run, find_runs, read_run
    from pixel.tracking.settings import TrackingError, TrackingSettings

_HOME = {
    "Guarded": "guard",
    "Run": "registry",
    "TrackingError": "settings",
    "TrackingSettings": "settings",
    "find_runs": "registry",
    "grouped": "panels",
    "lineage": "lineage",
    "read_lineage": "lineage",
    "read_run": "registry",
    "sections": "panels",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"pixel.tracking.{_HOME[name]}"), name)
