"""How much hysteresis: smoothing, margin and the certainty of a switch, chosen on the development part."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from pixel.metrics.macro_f1 import macro_f1
from pixel.models.labels import PERSONA_MODES
from pixel.persona.switches import count_switches, total
from pixel.persona.tracks import steady

SMOOTHING = (0.0, 0.2, 0.35, 0.5, 0.65)
MARGIN = (0.0, 0.05, 0.1, 0.2, 0.3, 0.45)
CERTAIN = (0.5, 0.65, 0.8, 0.9, 1.01)


def fit_state(
    probabilities: Sequence[np.ndarray], needed: Sequence[Sequence[str]], switch: Sequence | None = None
) -> dict[str, float]:
    """
    The options of `PersonaState` with the best mean of switch F1 and detection macro-F1.

    Args:
        probabilities: `[user turns, 3]` of each dialogue, from a model that was **not** trained on them.
        needed: the modes of each.
        switch: the switch read-out of each, `[user turns]`; `None`: not used.

    Returns:
        `{"smoothing", "margin", "certain"}`; of equals the one with the most smoothing.
    """
    best, chosen = -1.0, {}
    for smoothing, margin, certain in product(SMOOTHING, MARGIN, CERTAIN if switch is not None else (1.01,)):
        options = {"smoothing": smoothing, "margin": margin, "certain": certain}
        marks = switch if switch is not None else [None] * len(needed)
        given = [steady(one, mark, **options) for one, mark in zip(probabilities, marks, strict=True)]
        found = total(count_switches(a, b) for a, b in zip(needed, given, strict=True)).f1.value or 0.0
        index = [[PERSONA_MODES.index(mode) for one in modes for mode in one] for modes in (needed, given)]
        value = (found + (macro_f1(*index).value or 0.0)) / 2
        if value >= best:
            best, chosen = value, options
    return chosen
