"""How far reviewers agree: Krippendorff's alpha of each dimension with its interval."""

from collections.abc import Mapping
from typing import Any

from pixel.evaluation.figures.style import INK, blank, colour, nothing, quiet

TENTATIVE, RELIABLE = 0.667, 0.8
"""Krippendorff's own marks for tentative and for firm conclusions ("Content Analysis", 2004, chapter 11)."""


def agreement_bars(dimensions: Mapping[str, Mapping[str, Any]]):
    """
    Args:
        dimensions: name -> `{"alpha", "low", "high", "n", "reason"}`; `alpha` is `None` where it is undefined, and
            then the reason is written there.

    Returns:
        a matplotlib `Figure`.
    """
    if not dimensions:
        return nothing("No item has been rated by two people yet.")
    figure = blank(8.0, 1.2 + 0.45 * len(dimensions))
    axis = figure.add_subplot()
    quiet(axis)
    axis.grid(axis="y", visible=False)
    for row, (_, found) in enumerate(dimensions.items()):
        if found.get("alpha") is None:
            axis.text(0.01, row, found.get("reason") or "undefined", va="center", fontsize=9, color="#5b6775")
            continue
        axis.barh(row, found["alpha"], height=0.5, color=colour(0), alpha=0.8)
        if found.get("low") is not None:
            axis.hlines(row, found["low"], found["high"], color=INK, lw=1.6)
    for mark in (TENTATIVE, RELIABLE):
        axis.axvline(mark, color="#5b6775", lw=0.8, ls=":")
    names = [f"{name.replace('_', ' ')} (n {found.get('n', 0)})" for name, found in dimensions.items()]
    axis.set_yticks(range(len(names)), names, fontsize=9)
    axis.set_ylim(len(names) - 0.4, -0.6)
    lows = [found["low"] for found in dimensions.values() if found.get("low") is not None]
    axis.set_xlim(min([0.0, *lows, *(f["alpha"] for f in dimensions.values() if f.get("alpha") is not None)]), 1.0)
    axis.set_xlabel("Krippendorff's alpha; dotted: .667 tentative, .8 reliable", fontsize=9)
    return figure
