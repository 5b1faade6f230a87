"""Two versions on the same items: each item a point."""

from collections.abc import Sequence

import numpy as np

from pixel.evaluation.figures.style import INK, blank, colour, nothing, quiet


def item_changes(before: Sequence[float], after: Sequence[float], names: tuple[str, str] = ("before", "after")):
    """
    Args:
        before, after: the values of the same items, in the same order.
        names: of the versions.

    Returns:
        a matplotlib `Figure`: left, one version against the other (items of equal values are drawn larger); right,
        how the differences are distributed.
    """
    if not len(before):
        return nothing("These two versions share no item of this metric.")
    before, after = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    figure = blank(8.4, 3.6)
    left, right = figure.subplots(1, 2)
    quiet(left, f"{len(before)} items")
    spots, counts = np.unique(np.stack([before, after], 1).round(6), axis=0, return_counts=True)
    left.scatter(spots[:, 0], spots[:, 1], s=10 + 160 * counts / counts.max(), color=colour(0), alpha=0.45, lw=0)
    low, high = min(before.min(), after.min()), max(before.max(), after.max())
    room = 0.06 * (high - low or 1.0)
    left.plot([low - room, high + room], [low - room, high + room], color=INK, lw=0.8)
    left.set_xlabel(names[0], fontsize=9)
    left.set_ylabel(names[1], fontsize=9)
    quiet(right, "difference an item")
    right.hist(after - before, bins=min(31, max(5, int(np.sqrt(len(before))))), color=colour(0), alpha=0.8)
    right.axvline(0, color=INK, lw=0.9)
    right.axvline(float((after - before).mean()), color=colour(1), lw=1.4, ls="--")
    right.set_xlabel("dashed: the mean", fontsize=9)
    return figure
