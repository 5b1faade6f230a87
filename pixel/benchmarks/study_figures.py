"""Figures of the studies: trajectories over the toy's contours, and trade-offs reached beside the front."""

from pathlib import Path

import numpy as np

from pixel.benchmarks.toy_problem import distance_to_pareto, objectives, pareto_point
from pixel.benchmarks.toy_run import SETTINGS

INSTALL = 'figures need matplotlib. Install it with: pip install "matplotlib>=3.9"'
PANELS = 4  # a row


def _axes(count: int, title: str):
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(INSTALL) from error
    rows = -(-count // PANELS)
    figure = Figure(figsize=(3.4 * min(count, PANELS), 3.3 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title)
    axes = figure.subplots(rows, min(count, PANELS), squeeze=False).flatten()
    for unused in axes[count:]:
        unused.set_visible(False)
    return figure, axes


def _save(figure, stem: Path) -> list[Path]:
    """As SVG for print and PNG for a quick look."""
    files = [stem.with_suffix(".svg"), stem.with_suffix(".png")]
    for file in files:
        figure.savefig(file, dpi=110, metadata={"Date": None} if file.suffix == ".svg" else None)
    return files


def toy_figure(result: dict, setting: str, stem: Path) -> list[Path]:
    """
    One panel a method: contours of f1 + f2, the Pareto set (grey), the paths and where they end.

    Args:
        result (`dict`): of `pixel.benchmarks.toy_run.toy`.
        setting (`str`): `"A"` or `"B"`.
        stem (`Path`): the file without its ending.

    Returns:
        the files written.

    Raises:
        ImportError: matplotlib is missing.
    """
    runs, scale = result["runs"][setting], SETTINGS[setting][2]
    first, second = np.linspace(-11, 11, 89), np.linspace(-11, 11, 89)
    sums = np.array([[sum(objectives((a, b), scale)[0]) for a in first] for b in second])
    front = np.array([pareto_point(a) for a in np.linspace(-7, 7, 57)])
    times = f", f1 times {scale}" if scale != 1 else ""
    figure, axes = _axes(len(runs), f"Starts {setting}{times}: contours of f1 + f2, Pareto set in grey")
    for axis, (name, found) in zip(axes, runs.items(), strict=False):
        axis.contour(first, second, sums, levels=24, linewidths=0.4, cmap="viridis")
        axis.plot(*front.T, color="0.55", linewidth=4, solid_capstyle="round", zorder=2)
        for number, run in enumerate(found):
            path = np.array(run["path"])
            axis.plot(*path.T, color=f"C{number}", linewidth=1.2)
            axis.plot(*path[0], "o", color="black", markersize=4)
            mark = "*" if distance_to_pareto(tuple(run["end"])) <= 0.1 else "X"
            axis.plot(*run["end"], mark, color=f"C{number}", markeredgecolor="black", markersize=9, zorder=4)
        axis.set_title(f"{name}: {sum(r['reached'] for r in found)} of {len(found)}", fontsize=10)
        axis.set(xlim=(-11, 11), ylim=(-11, 11))
        axis.tick_params(labelsize=7)
    return _save(figure, stem)


def pareto_figure(result: dict, stem: Path) -> list[Path] | None:
    """
    One panel a method: the points it reached on the first seed's two-objective problems, over their fronts.

    Args:
        result (`dict`): of `pixel.benchmarks.pareto_run.pareto`.
        stem (`Path`): the file without its ending.

    Returns:
        the files written; `None` if nothing has two objectives.

    Raises:
        ImportError: matplotlib is missing.
    """
    kinds = [kind for kind in result["problems"] if kind.startswith("2 ") and result["problems"][kind]]
    names = list(dict.fromkeys(name for kind in kinds for name in result["problems"][kind]))
    if not names:
        return None
    figure, axes = _axes(len(names), "Two objectives, first seed: scaled objectives, the front as a line")
    for axis, name in zip(axes, names, strict=False):
        for number, kind in enumerate(kinds):
            front = np.array(sorted(result["front"][kind]))
            axis.plot(*front.T, color=f"C{number}", linewidth=0.8)
            if name in result["problems"][kind]:
                points = np.array(result["problems"][kind][name]["points"])
                axis.plot(*points.T, "o", color=f"C{number}", markersize=4, label=kind.split(", ")[1])
        axis.set_title(name, fontsize=9)
        axis.set(xlim=(-0.05, 1.3), ylim=(-0.05, 1.3))
        axis.tick_params(labelsize=7)
    axes[0].legend(fontsize=7)
    return _save(figure, stem)
