"""How empathy moves from version to version, with its intervals, and the points that stand out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel.evaluation.figures.style import ALARM, colour, nothing, panels, quiet


def empathy_progression(points: Sequence[Mapping[str, Any]]):
    """
    Args:
        points: `{"step", "dimension", "value", "low", "high", "anomaly"}` each; `step` a number or a version's name
            (drawn in the order given), `low` and `high` an interval or `None`, `anomaly` whether it stands out.

    Returns:
        a matplotlib `Figure`, one panel a dimension.
    """
    points = [point for point in points if point.get("value") is not None]
    if not points:
        return nothing("No evaluation here has a figure for empathy.")
    dimensions = list(dict.fromkeys(point["dimension"] for point in points))
    steps = list(dict.fromkeys(point["step"] for point in points))
    if all(isinstance(step, int | float) for step in steps):
        steps.sort()
    place = {step: number for number, step in enumerate(steps)}
    figure, axes = panels(len(dimensions))
    for axis, dimension in zip(axes, dimensions, strict=True):
        quiet(axis, dimension.replace("_", " "))
        chosen = sorted((p for p in points if p["dimension"] == dimension), key=lambda p: place[p["step"]])
        x, y = np.array([place[p["step"]] for p in chosen]), np.array([float(p["value"]) for p in chosen])
        axis.plot(x, y, color=colour(0), marker="o", ms=4, lw=1.4)
        band = [(place[p["step"]], p["low"], p["high"]) for p in chosen if p.get("low") is not None]
        if band:
            where, low, high = np.array(band, dtype=float).T
            axis.vlines(where, low, high, color=colour(4), lw=2.5, alpha=0.6)
        odd = np.array([bool(p.get("anomaly")) for p in chosen])
        if odd.any():
            axis.plot(x[odd], y[odd], "o", ms=11, mfc="none", mec=ALARM, mew=1.6)
        shown = np.unique(np.linspace(0, len(steps) - 1, min(6, len(steps))).round().astype(int))
        axis.set_xticks(shown, [str(steps[i])[:14] for i in shown], rotation=20 if len(steps) > 2 else 0)
        axis.set_xlim(-0.5, len(steps) - 0.5)
    return figure
