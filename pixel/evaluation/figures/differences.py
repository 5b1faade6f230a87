"""What changed between two versions: one line a figure, its difference and interval."""

from collections.abc import Mapping, Sequence
from typing import Any

from pixel.evaluation.figures.style import ALARM, INK, blank, colour, nothing, quiet

MOST = 40


def difference_plot(changes: Sequence[Mapping[str, Any]]):
    """
    Args:
        changes: `{"task", "metric", "difference", "low", "high", "verdict"}` each; the verdict is `regressed`,
            `improved` or another word (`pixel.evaluation.comparison.Change`). At most 40 are drawn, flagged ones
            first, then by the size of the difference.

    Returns:
        a matplotlib `Figure`: right of the line is better, whichever way the metric counts.
    """
    known = [change for change in changes if change.get("difference") is not None]
    if not known:
        return nothing("These two versions share no figure.")
    order = {"regressed": 0, "improved": 1}
    known.sort(key=lambda c: (order.get(c.get("verdict"), 2), -abs(c["difference"])))
    drawn = known[:MOST]
    figure = blank(8.4, 1.0 + 0.27 * len(drawn))
    axis = figure.add_subplot()
    quiet(axis)
    axis.grid(axis="x", color="#dfe4ea", linewidth=0.6)
    tones = {"regressed": ALARM, "improved": colour(2)}
    for row, change in enumerate(drawn):
        sign = -1.0 if change.get("higher_is_better") is False else 1.0
        tone = tones.get(change.get("verdict"), "#5b6775")
        if change.get("low") is not None:
            low, high = sorted((sign * change["low"], sign * change["high"]))
            axis.hlines(row, low, high, color=tone, lw=2.2, alpha=0.7)
        axis.plot(sign * change["difference"], row, "o", color=tone, ms=5)
    axis.axvline(0, color=INK, lw=0.9)
    axis.set_yticks(range(len(drawn)), [f"{c['task']}: {c['metric']}"[:60] for c in drawn], fontsize=8)
    axis.invert_yaxis()
    more = f" ({len(known) - len(drawn)} more in the table)" if len(known) > len(drawn) else ""
    axis.set_xlabel(f"difference, right is better; red: flagged as worse, green: as better{more}", fontsize=9)
    return figure
