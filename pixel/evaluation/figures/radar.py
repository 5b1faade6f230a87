"""EQ in five domains as a radar, one line a version."""

from collections.abc import Mapping

import numpy as np

from pixel.evaluation.figures.style import GRID, INK, blank, colour, nothing
from pixel.models.labels import EQ_DOMAINS


def eq_radar(versions: Mapping[str, Mapping[str, float | None]], scale: str = "value"):
    """
    Args:
        versions: name -> domain -> value in [0, 1] (below 0 is drawn at 0). A domain without a value is a gap, never
            a 0: the line is open there and the legend counts the domains that are there.
        scale: what the values are, for the axis.

    Returns:
        a matplotlib `Figure`.
    """
    known = {name: values for name, values in versions.items() if any(values.get(d) is not None for d in EQ_DOMAINS)}
    if not known:
        return nothing("No evaluation here has a figure for an EQ domain.")
    figure = blank(6.4, 5.2)
    axis = figure.add_subplot(projection="polar")
    angles = np.linspace(0, 2 * np.pi, len(EQ_DOMAINS), endpoint=False)
    for number, (name, values) in enumerate(known.items()):
        heights = np.array([np.nan if values.get(d) is None else max(float(values[d]), 0.0) for d in EQ_DOMAINS])
        count = int(np.isfinite(heights).sum())
        label = name if count == len(EQ_DOMAINS) else f"{name} ({count} of {len(EQ_DOMAINS)} domains)"
        axis.plot([*angles, angles[0]], [*heights, heights[0]], color=colour(number), marker="o", ms=4, label=label)
        if count == len(EQ_DOMAINS):
            axis.fill(angles, heights, color=colour(number), alpha=0.08)
    axis.set_theta_offset(np.pi / 2)
    axis.set_theta_direction(-1)
    axis.set_xticks(angles, [d.replace("_", "\n") for d in EQ_DOMAINS], fontsize=9, color=INK)
    axis.set_ylim(0, 1)
    axis.set_yticks([0.25, 0.5, 0.75, 1.0])
    axis.tick_params(axis="y", labelsize=8, colors="#5b6775")
    axis.grid(color=GRID)
    axis.spines["polar"].set_color(GRID)
    axis.set_title(scale, fontsize=9, color=INK, pad=18)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    return figure
