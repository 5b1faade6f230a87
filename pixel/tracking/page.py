"""Runs on one page: what differs, figures with intervals, and their curves over each other. One file, no server."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pixel.data.whole_files import write_in_one_step
from pixel.tracking.registry import Run

TEMPLATE = Path(__file__).with_name("runs.jinja")
COLOURS = ("#2563eb", "#c2410c", "#15803d", "#7e22ce", "#0e7490", "#a16207", "#be123c", "#475569")


def write_page(file: Path, runs: Sequence[Run], said: Mapping[str, Any], title: str = "Runs") -> Path:
    """
    Draw a comparison.

    Args:
        file: of HTML.
        runs: in the order of `said`.
        said: of `pixel.tracking.comparison.compare_runs`.
        title: of the page.
    """
    import jinja2

    environment = jinja2.Environment(autoescape=True)
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        title=title, said=said, charts=charts(runs), legend=list(zip(said["runs"], _colours(runs), strict=True))
    )
    return write_in_one_step(Path(file), page)


def charts(runs: Sequence[Run], width: float = 300.0, height: float = 100.0) -> dict[str, list[dict[str, Any]]]:
    """
    Curves ready to draw, those of one name on common axes.

    Returns:
        section title -> charts of `name`, `low`, `high`, `first`, `last` (steps) and `lines`: `colour`, `run`, `value`
        (its last) and `parts`, one string of SVG points each; a part ends where a value is not finite.
    """
    each = [run.curves() for run in runs]
    found: dict[str, list[dict[str, Any]]] = {}
    for title in dict.fromkeys(title for curves in each for title in curves):
        names = sorted(set().union(*(curves.get(title, {}) for curves in each)))
        found[title] = [chart for name in names if (chart := _chart(runs, each, title, name, width, height))]
    return {title: drawn for title, drawn in found.items() if drawn}


def _chart(runs, each, title: str, name: str, width: float, height: float) -> dict[str, Any] | None:
    curves = [curves.get(title, {}).get(name, []) for curves in each]
    known = [(step, value) for curve in curves for step, value in curve if value is not None]
    if not known:
        return None
    steps, values = [step for step, _ in known], [value for _, value in known]
    left, low = min(steps), min(values)
    across, up = (max(steps) - left) or 1, (max(values) - low) or 1
    lines = []
    for run, colour, curve in zip(runs, _colours(runs), curves, strict=True):
        parts: list[list[str]] = [[]]
        for step, value in curve:
            if value is None:
                parts.append([])
            else:
                x, y = width * (step - left) / across, 0.95 * height - 0.9 * height * (value - low) / up
                parts[-1].append(f"{x:.1f},{y:.1f}")
        drawn = [" ".join(part * 2 if len(part) == 1 else part) for part in parts if part]
        if drawn:
            last = next(value for _, value in reversed(curve) if value is not None)
            lines.append({"run": run.name, "colour": colour, "parts": drawn, "value": last})
    return {"name": name, "low": low, "high": max(values), "first": left, "last": max(steps), "lines": lines}


def _colours(runs: Sequence[Run]) -> list[str]:
    return [COLOURS[number % len(COLOURS)] for number in range(len(runs))]
