"""The outer supervisor: restarts, stages of a pipeline, schedulers. Without torch: it starts in a moment."""

from importlib import import_module

_HOME = {
    "HangLimits": "hang",
    "InUseError": "locks",
    "Nodes": "nodes",
    "Restarts": "restarts",
    "Supervisor": "supervisor",
}

__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
