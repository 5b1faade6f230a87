"""Histograms and curves as inline SVG: colours of the page, a title that says in words what is to be seen."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT, FOOT, HEAD = 320, 130, 22, 8


def histogram(row: Mapping[str, Any]) -> str:
    """
    Args:
        row: as `measures.histograms` gives it.
    """
    counts, edges = row["counts"], row["edges"]
    most, size = max(counts) or 1, WIDTH / len(counts)
    unit = f" {row['unit']}" if row["unit"] else ""
    title = (
        f"{row['title']}: half of {row['n']} segments lie below {number(row['median'])}{unit}, "
        f"nine in ten between {number(row['low'])} and {number(row['high'])}."
    )
    bars = []
    for place, count in enumerate(counts):
        tall = (HEIGHT - FOOT - HEAD) * count / most
        tip = f"{number(edges[place])} to {number(edges[place + 1])}: {count}"
        bars.append(
            f'<rect class="bar" x="{place * size + 0.5:.1f}" y="{HEIGHT - FOOT - tall:.1f}" '
            f'width="{size - 1:.1f}" height="{tall:.1f}"><title>{tip}</title></rect>'
        )
    middle = WIDTH * (row["median"] - edges[0]) / (edges[-1] - edges[0])
    mark = f'<line class="mark" x1="{middle:.1f}" x2="{middle:.1f}" y1="{HEAD}" y2="{HEIGHT - FOOT}"/>'
    return _svg(title, "".join(bars) + mark + _axis(number(edges[0]), number(edges[-1])))


def line(x: Sequence[float], y: Sequence[float], title: str, limit: float, at: float | None = None) -> str:
    """
    A curve with a level that it should stay below.

    Args:
        x: rising; y: of the same length.
        title: in words.
        limit: drawn as a dashed line.
        at: drawn as a mark.
    """
    low, high = min(0.0, *y), max(limit, *y) * 1.05
    left, right = x[0], max(x[-1], x[0] + 1)

    def across(value: float) -> float:
        return WIDTH * (value - left) / (right - left)

    def up(value: float) -> float:
        return HEIGHT - FOOT - (HEIGHT - FOOT - HEAD) * (value - low) / (high - low)

    points = " ".join(f"{across(a):.1f},{up(b):.1f}" for a, b in zip(x, y, strict=True))
    body = f'<polyline class="curve" points="{points}"/>'
    body += f'<line class="limit" x1="0" x2="{WIDTH}" y1="{up(limit):.1f}" y2="{up(limit):.1f}"/>'
    if at is not None:
        body += f'<line class="mark" x1="{across(at):.1f}" x2="{across(at):.1f}" y1="{HEAD}" y2="{HEIGHT - FOOT}"/>'
    return _svg(title, body + _axis(f"word {number(x[0])}", f"word {number(x[-1])}"))


def number(value: float | None) -> str:
    """A number as a person would write it: three figures, a dash for none."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.01 or value == 0 else f"{value:.2g}"


def _axis(left: str, right: str) -> str:
    low = HEIGHT - FOOT
    return (
        f'<line class="axis" x1="0" x2="{WIDTH}" y1="{low}" y2="{low}"/>'
        f'<text x="0" y="{HEIGHT - 6}">{escape(left)}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT - 6}" text-anchor="end">{escape(right)}</text>'
    )


def _svg(title: str, body: str) -> str:
    said = escape(title)
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{said}"><title>{said}</title>{body}</svg>'
