"""From probabilities, turn by turn, to the mode that would have spoken."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from pixel.models.labels import PERSONA_MODES
from pixel.models.persona_state import PersonaState


def likeliest(probabilities: ArrayLike) -> list[str]:
    """The likeliest mode of each turn by itself; probabilities `[turns, 3]` in the order of `PERSONA_MODES`."""
    return [PERSONA_MODES[index] for index in np.asarray(probabilities).argmax(1)]


def steady(
    probabilities: ArrayLike,
    switch: Sequence[float] | None = None,
    risk: Sequence[float] | None = None,
    **options: float,
) -> list[str]:
    """
    The mode with hysteresis after each turn, as in conversation (`PersonaState`).

    The state begins in the likeliest mode of the first turn, for a conversation may open with either.

    Args:
        probabilities: `[user turns, 3]`.
        switch: the switch read-out, `[user turns]` in [0, 1]; `None`: 0.
        risk: probability of severe risk, `[user turns]`; `None`: 0.
        options: of `PersonaState`: `smoothing`, `margin`, `certain`, `alarm`.
    """
    probabilities = np.asarray(probabilities, dtype=float)
    if not len(probabilities):
        return []
    none = [0.0] * len(probabilities)
    switch, risk = none if switch is None else switch, none if risk is None else risk
    state = PersonaState(mode=PERSONA_MODES[int(probabilities[0].argmax())], **options)
    return [
        state.update(dict(zip(PERSONA_MODES, row.tolist(), strict=True)), float(sure), float(danger))
        for row, sure, danger in zip(probabilities, switch, risk, strict=True)
    ]
