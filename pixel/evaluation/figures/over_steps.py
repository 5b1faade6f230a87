"""Curves over training steps, one panel a series: losses, weights, norms, throughput."""

from collections.abc import Mapping, Sequence

import numpy as np

from pixel.evaluation.figures.style import ALARM, colour, nothing, panels, quiet

Series = Sequence[Sequence[float]]
"""Points `[step, value]`."""


def curves(
    series: Mapping[str, Series],
    *,
    compare: Mapping[str, Mapping[str, Series]] | None = None,
    alerts: Sequence[int] = (),
    empty: str = "This run logged nothing of the kind.",
):
    """
    Args:
        series: name -> points `[step, value]`; a value of `None` or NaN is a gap.
        compare: other runs: their name -> the same, drawn beside in other colours.
        alerts: steps at which the run raised an alarm, drawn as lines.
        empty: what to say where there is no series.

    Returns:
        a matplotlib `Figure`.
    """
    runs = {"": series, **(compare or {})}
    names = list(dict.fromkeys(name for run in runs.values() for name, points in run.items() if len(points)))
    if not names:
        return nothing(empty)
    figure, axes = panels(len(names))
    for axis, name in zip(axes, names, strict=True):
        quiet(axis, name.replace("_", " "))
        for number, (run, given) in enumerate(runs.items()):
            points = np.array([[np.nan if v is None else v for v in point] for point in given.get(name, ())], float)
            if len(points):
                mark = "o" if len(points) == 1 else None
                axis.plot(points[:, 0], points[:, 1], color=colour(number), lw=1.4, marker=mark, ms=3, label=run)
        for step in alerts:
            axis.axvline(step, color=ALARM, lw=0.7, ls=":")
    if compare:
        lines = [axes[0].plot([], [], color=colour(n), label=run or "this run")[0] for n, run in enumerate(runs)]
        figure.legend(handles=lines, loc="outside lower center", ncols=4, fontsize=9, frameon=False)
    return figure
