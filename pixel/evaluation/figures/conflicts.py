"""Where objectives pull apart: the cosine of every pair of gradients over the steps, and how often they conflict."""

from collections.abc import Mapping, Sequence

import numpy as np

from pixel.evaluation.figures.style import INK, blank, colour, nothing, quiet

FRACTION = "balance_conflict_fraction"


def conflict_map(series: Mapping[str, Sequence[Sequence[float]]]):
    """
    Args:
        series: `first_second` -> points `[step, cosine]`, and `balance_conflict_fraction` -> `[step, share]`, as the
            training report keeps them under `Conflicts`.

    Returns:
        a matplotlib `Figure`: above, cosines (blue agrees, orange conflicts, grey not measured); below, the share of
        pairs with a negative cosine.
    """
    from matplotlib.colors import LinearSegmentedColormap

    pairs = {name: dict(map(tuple, points)) for name, points in series.items() if name != FRACTION and len(points)}
    if not pairs:
        return nothing("This run measured no conflicts between objectives (monitor_conflicts).")
    steps = sorted({step for points in pairs.values() for step in points})
    grid = np.array([[points.get(step, np.nan) for step in steps] for points in pairs.values()], dtype=float)
    figure = blank(8.4, 1.9 + 0.26 * len(pairs))
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[max(len(pairs) * 0.26, 1.0), 0.9])
    tones = LinearSegmentedColormap.from_list("agreement", [colour(1), "#ffffff", colour(0)])
    tones = tones.with_extremes(bad="#c9d0d8")
    limit = max(float(np.nanmax(np.abs(grid))) if np.isfinite(grid).any() else 0.0, 0.05)
    edges = np.arange(len(steps) + 1) - 0.5
    drawn = upper.pcolormesh(edges, np.arange(len(pairs) + 1) - 0.5, np.ma.masked_invalid(grid), cmap=tones,
                             vmin=-limit, vmax=limit)  # fmt: skip
    upper.set_yticks(range(len(pairs)), [name.replace("_", " – ") for name in pairs], fontsize=8, color=INK)
    upper.invert_yaxis()
    upper.set_title("cosine between gradients (orange: they pull apart)", loc="left", fontsize=10, color=INK)
    figure.colorbar(drawn, ax=upper, fraction=0.03)
    quiet(lower, "share of pairs in conflict")
    place = {step: number for number, step in enumerate(steps)}
    fraction = np.array([[place[s], v] for s, v in series.get(FRACTION, ()) if s in place], dtype=float)
    if len(fraction):
        lower.plot(fraction[:, 0], fraction[:, 1], color=colour(1), lw=1.4)
    lower.set_ylim(0, 1)
    shown = np.unique(np.linspace(0, len(steps) - 1, min(8, len(steps))).round().astype(int))
    lower.set_xticks(shown, [f"{steps[i]:g}" for i in shown])
    lower.set_xlabel("step", fontsize=9, color=INK)
    return figure
