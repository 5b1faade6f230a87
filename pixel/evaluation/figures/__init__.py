"""Figures of an evaluation and of a training run, one a file: plain numbers in, a matplotlib `Figure` out."""

from importlib import import_module

_HOME = {
    "agreement_bars": "agreement",
    "conflict_map": "conflicts",
    "curves": "over_steps",
    "difference_plot": "differences",
    "empathy_progression": "progression",
    "eq_radar": "radar",
    "figure_page": "page",
    "item_changes": "items",
    "persona_timeline": "timeline",
    "png": "page",
    "readout_track": "track",
}

__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
