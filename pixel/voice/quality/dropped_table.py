"""What was dropped and why, as a table that people read before they trust a selection."""

from collections import Counter
from typing import TYPE_CHECKING

from pixel.metrics.table import markdown

if TYPE_CHECKING:
    from pixel.voice.quality.selection import Selection

HEADER = ("reason", "segments", "minutes", "share of the minutes", "for this reason alone")


def dropped_rows(selection: "Selection") -> list[tuple]:
    """
    One row a reason, the costliest first; a segment with two reasons stands in both. "For this reason alone" is what
    lifting that one threshold would bring back.

    Returns:
        `(reason, segments, minutes, share of all minutes, segments for this reason alone)`, then a row `kept` and a
        row `all`, which count every segment once.
    """
    counts, minutes, alone = Counter(), Counter(), Counter()
    for one in selection.dropped:
        for reason in one.reasons:
            counts[reason] += 1
            minutes[reason] += _minutes(one.segment)
        if len(one.reasons) == 1:
            alone[one.reasons[0]] += 1
    kept = sum(map(_minutes, selection.kept))
    total = kept + sum(_minutes(one.segment) for one in selection.dropped)
    order = sorted(counts, key=lambda reason: (-minutes[reason], reason))
    rows = [
        (reason, counts[reason], minutes[reason], _share(minutes[reason], total), alone[reason]) for reason in order
    ]
    rows.append(("kept", len(selection.kept), kept, _share(kept, total), None))
    rows.append(("all", len(selection.kept) + len(selection.dropped), total, _share(total, total), None))
    return rows


def dropped_table(selection: "Selection") -> str:
    """The rows as Markdown, ending in a newline."""
    return markdown(HEADER, dropped_rows(selection), digits=3)


def _minutes(segment) -> float:
    return (segment.end - segment.start) / 60


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
