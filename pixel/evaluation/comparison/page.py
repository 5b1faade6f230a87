"""`comparison.html`: the comparison for people, in one file without scripts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).with_name("comparison.jinja")
SHOWN_UNPAIRED = 20


def write_page(file: Path, data: Mapping[str, Any]) -> Path:
    """
    Write the page.

    Args:
        file: `comparison.html`.
        data: what `comparison.json` holds: `comparison`, `trends`, `configuration`, `created`.
    """
    import jinja2

    environment = jinja2.Environment(autoescape=True)
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        title=f"{data['comparison']['baseline']} and what came after",
        c=data["comparison"],
        versions=[data["comparison"]["baseline"], *data["comparison"]["candidates"]],
        changes=sorted(data["comparison"]["changes"], key=_order),
        trends=[trend | {"points": points(trend["values"])} for trend in data["trends"]],
        configuration=data["configuration"],
        created=data["created"],
        shown=SHOWN_UNPAIRED,
    )
    file.write_text(page, encoding="utf-8")
    return file


def points(values: Sequence[float], width: float = 300.0, height: float = 100.0) -> str:
    """
    A polyline's points, the lowest value at the bottom.

    Example:
        >>> points([0.0, 1.0])
        '0.0,95.0 300.0,5.0'
    """
    if not values:
        return ""
    low, high = min(values), max(values)
    step = width / max(len(values) - 1, 1)
    share = [(value - low) / (high - low) if high > low else 0.5 for value in values]
    return " ".join(f"{index * step:.1f},{height * (0.95 - 0.9 * one):.1f}" for index, one in enumerate(share))


def _order(change: Mapping[str, Any]) -> tuple:
    rank = ("regressed", "improved", "changed", "not shown", "not tested")
    return rank.index(change["verdict"]), change["p_holm"] if change["p_holm"] is not None else 2, change["task"]
