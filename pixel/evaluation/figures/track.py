"""What a model reads in a conversation, turn by turn: emotions, valence and arousal, risk, empathy."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel.evaluation.figures.style import INK, SHORT, blank, colour, nothing, quiet
from pixel.models.labels import EPITOME_MECHANISMS

EMOTIONS_SHOWN = 8


def readout_track(turns: Sequence[Mapping[str, Any]]):
    """
    Args:
        turns: turn records (`pixel.models.readouts.turn_record`). Only what was read is drawn; words are not.

    Returns:
        a matplotlib `Figure` with one panel a kind of read-out, turns from left to right.
    """
    drawers = [drawer for drawer in (_emotions, _vad, _risk, _empathy) if drawer(turns, None)]
    if not drawers:
        return nothing("Nothing was read: this model's heads were not trained.")
    figure = blank(max(7.0, min(14.0, 0.5 * len(turns) + 3.5)), 2.1 * len(drawers) + 0.6)
    axes = figure.subplots(len(drawers), 1, sharex=True, squeeze=False).flatten()
    for axis, drawer in zip(axes, drawers, strict=True):
        drawer(turns, axis)
    numbers = np.arange(len(turns))
    axes[-1].set_xticks(numbers, [f"{n + 1}\n{SHORT.get(turns[n].get('role'), '')}" for n in numbers], fontsize=8)
    axes[-1].set_xlim(-0.6, len(turns) - 0.4)
    return figure


def _emotions(turns, axis) -> bool:
    labels = [(turn.get("emotion") or {}).get("labels") or {} for turn in turns]
    if not any(labels):
        return False
    if axis is not None:
        best = {}
        for found in labels:
            for name, value in found.items():
                best[name] = max(best.get(name, 0.0), float(value))
        names = sorted(best, key=best.get, reverse=True)[:EMOTIONS_SHOWN]
        grid = np.array([[float(found.get(name, np.nan)) for found in labels] for name in names])
        axis.imshow(np.ma.masked_invalid(grid), aspect="auto", cmap="Blues", vmin=0, vmax=1, origin="upper")
        axis.set_yticks(range(len(names)), names, fontsize=8, color=INK)
        axis.set_title(f"emotions: the {len(names)} most probable (dark: likely)", loc="left", fontsize=10, color=INK)
        axis.spines[:].set_visible(False)
    return True


def _lines(axis, title: str, named: Mapping[str, Sequence[float]], top: float) -> None:
    quiet(axis, title)
    for number, (name, values) in enumerate(named.items()):
        axis.plot(range(len(values)), values, color=colour(number), marker="o", ms=3.5, lw=1.3, label=name)
    axis.set_ylim(0, top)
    if len(named) > 1:
        axis.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))


def _vad(turns, axis) -> bool:
    read = [(turn.get("emotion") or {}).get("vad") or {} for turn in turns]
    if not any(read):
        return False
    if axis is not None:
        names = next(found for found in read if found)
        _lines(axis, "valence, arousal, dominance (0.5: neutral)",
               {name: [float(found.get(name, np.nan)) for found in read] for name in names}, 1.0)  # fmt: skip
    return True


def _risk(turns, axis) -> bool:
    levels = [(turn.get("risk") or {}).get("severity") for turn in turns]
    if not any(levels):
        return False
    if axis is not None:
        named = {
            f"{cut} or more": [np.nan if level is None else float(sum(level[cut:])) for level in levels]
            for cut in (1, 4)
        }
        _lines(axis, "risk: probability of severity", named, 1.0)
    return True


def _empathy(turns, axis) -> bool:
    read = [turn.get("empathy") or {} for turn in turns]
    names = [name for name in EPITOME_MECHANISMS if any(name in found for found in read)]
    if names and axis is not None:
        named = {
            name.replace("_", " "): [np.dot(range(3), found[name]) if name in found else np.nan for found in read]
            for name in names
        }
        _lines(axis, "empathy: expected level of each mechanism (0 to 2)", named, 2.0)
    return bool(names)
