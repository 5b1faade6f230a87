"""How figures look: colours that colour-blind readers tell apart, quiet axes, and a note where there is nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INSTALL = 'figures need matplotlib. Install it with: pip install -e ".[plots]"'

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#5b6775", "#000000")
"""Okabe & Ito's palette ("Color Universal Design", 2008), without its yellow, which vanishes on white."""

SHORT = {"user": "user", "assistant": "reply", "system": "sys"}
"""Roles, as they fit under a turn."""

INK, GRID, ALARM = "#1d2733", "#dfe4ea", "#b42318"


def colour(number: int) -> str:
    """The n-th colour, round and round."""
    return COLOURS[number % len(COLOURS)]


def blank(width: float = 8.0, height: float = 4.0) -> "Figure":
    """
    A figure without axes, drawn apart from any screen and safe in threads (pyplot is not).

    Raises:
        ImportError: matplotlib is missing; the message says what to install.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(INSTALL) from error
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def quiet(axis, title: str = "") -> None:
    """Take away what says nothing."""
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set_color(GRID)
    axis.tick_params(colors=INK, labelsize=9)
    axis.grid(axis="y", color=GRID, linewidth=0.6)
    axis.set_axisbelow(True)
    if title:
        axis.set_title(title, loc="left", fontsize=10, color=INK)


def nothing(reason: str, width: float = 8.0) -> "Figure":
    """A figure that says why it is empty."""
    figure = blank(width, 1.6)
    figure.text(0.5, 0.5, reason, ha="center", va="center", fontsize=10, color="#5b6775", wrap=True)
    return figure


def panels(count: int, columns: int = 3, width: float = 3.4, height: float = 2.2) -> "tuple[Figure, Sequence]":
    """`count` equal axes in rows; those left over are hidden."""
    columns = min(columns, max(count, 1))
    rows = -(-count // columns)
    figure = blank(width * columns, height * rows)
    axes = figure.subplots(rows, columns, squeeze=False).flatten()
    for unused in axes[count:]:
        unused.set_visible(False)
    return figure, axes[:count]
