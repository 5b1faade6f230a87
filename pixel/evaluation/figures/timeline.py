"""Which persona a conversation calls for, turn by turn."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel.evaluation.figures.style import ALARM, INK, SHORT, blank, colour, nothing, quiet
from pixel.models.labels import PERSONA_MODES


def persona_timeline(turns: Sequence[Mapping[str, Any]]):
    """
    Args:
        turns: turn records (`pixel.models.readouts.turn_record`): `role` and `persona` with `mode` (name ->
            probability) and, where read, `switch` (a probability).

    Returns:
        a matplotlib `Figure`: stacked probabilities of the modes, the probability of a switch as a dotted line, and
        a mark where the most likely mode changes.
    """
    rows = [
        (number, turn["persona"]["mode"]) for number, turn in enumerate(turns) if turn.get("persona", {}).get("mode")
    ]
    if not rows:
        return nothing("This model was not trained to read personas.")
    numbers = np.array([number for number, _ in rows])
    shares = np.array([[float(mode.get(name, 0.0)) for name in PERSONA_MODES] for _, mode in rows])
    figure = blank(max(6.4, min(14.0, 0.5 * len(rows) + 3)), 3.2)
    axis = figure.add_subplot()
    quiet(axis, "probability of each mode")
    base = np.zeros(len(rows))
    for index, name in enumerate(PERSONA_MODES):
        axis.bar(numbers, shares[:, index], bottom=base, color=colour(index), width=0.92, label=name, alpha=0.85)
        base += shares[:, index]
    switch = [(n, turns[n]["persona"].get("switch")) for n in numbers]
    switch = np.array([[n, value] for n, value in switch if value is not None], dtype=float)
    if len(switch):
        axis.plot(switch[:, 0], switch[:, 1], color=INK, ls=":", marker=".", label="switch")
    best = shares.argmax(1)
    for place in np.flatnonzero(np.diff(best)) + 1:
        axis.axvline(numbers[place] - 0.5, color=ALARM, lw=1.4)
    axis.set_ylim(0, 1)
    axis.set_xticks(numbers, [f"{n + 1}\n{SHORT.get(turns[n].get('role'), '')}" for n in numbers], fontsize=8)
    figure.legend(loc="outside lower center", ncols=4, fontsize=9, frameon=False)
    return figure
