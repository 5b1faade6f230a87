"""A radar chart as inline SVG: a few axes, one polygon a series."""

import math
from collections.abc import Mapping, Sequence
from html import escape

RADIUS, CENTRE, WIDTH, HEIGHT = 105.0, (390.0, 145.0), 620, 280
RINGS = (0.25, 0.5, 0.75, 1.0)
COLOURS = ("#2563eb", "#9a3412", "#5b6775", "#15803d")


def point(axis: int, axes: int, value: float) -> tuple[float, float]:
    """Where a value in [0, 1] lies on an axis; the first axis points up, the others follow clockwise."""
    angle = 2 * math.pi * axis / axes - math.pi / 2
    return CENTRE[0] + RADIUS * value * math.cos(angle), CENTRE[1] + RADIUS * value * math.sin(angle)


def radar(names: Sequence[str], series: Mapping[str, Sequence[float | None]]) -> str:
    """
    Draw it.

    Args:
        names: of the axes, at least three.
        series: name -> one value in [0, 1] an axis (values outside are drawn at the edge), `None` where there is none:
            the polygon then leaves the axis out; below three values there are only dots.

    Returns:
        an `<svg>` element with a title for screen readers; empty where there are fewer than three axes.
    """
    axes = len(names)
    if axes < 3:
        return ""
    parts = [
        f'<svg class="radar" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" preserveAspectRatio="xMidYMid meet">'
        f"<title>{escape(', '.join(series))}: {escape(', '.join(names))}</title>"
    ]
    for ring in RINGS:
        parts.append(_polygon([point(axis, axes, ring) for axis in range(axes)], 'fill="none" stroke="#d8dee6"'))
        x, y = point(0, axes, ring)
        parts.append(f'<text x="{x + 3:.1f}" y="{y + 9:.1f}" font-size="8" fill="#8a94a1">{ring:g}</text>')
    for axis, name in enumerate(names):
        (x, y), (tx, ty) = point(axis, axes, 1.0), point(axis, axes, 1.13)
        anchor = "middle" if abs(tx - CENTRE[0]) < 5 else "start" if tx > CENTRE[0] else "end"
        parts.append(f'<line x1="{CENTRE[0]}" y1="{CENTRE[1]}" x2="{x:.1f}" y2="{y:.1f}" stroke="#e7ebf0"/>')
        parts.append(
            f'<text x="{tx:.1f}" y="{ty + 4:.1f}" font-size="11" text-anchor="{anchor}" fill="#1d2733">'
            f"{escape(name.replace('_', ' '))}</text>"
        )
    for number, (name, values) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        places = [
            point(axis, axes, min(1.0, max(0.0, value))) for axis, value in enumerate(values) if value is not None
        ]
        if not places:
            continue
        if len(places) > 2:
            style = f'fill="{colour}" fill-opacity=".12" stroke="{colour}" stroke-width="1.5"'
            parts.append(_polygon(places, style))
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in places]
        y = 14 + 14 * number
        parts.append(f'<rect x="4" y="{y - 8}" width="9" height="9" fill="{colour}"/>')
        parts.append(f'<text x="17" y="{y}" font-size="11" fill="#1d2733">{escape(name)}</text>')
    return "".join([*parts, "</svg>"])


def _polygon(places: Sequence[tuple[float, float]], style: str) -> str:
    return f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}" {style}/>'
