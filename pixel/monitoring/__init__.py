"""What watches a run: alerts and where they go, anomalies of a training log."""

from importlib import import_module

_HOME = {"Alert": "alerts", "Alerts": "alerts"}

__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
