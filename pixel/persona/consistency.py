"""Consistency over a long dialogue: between two needed switches the mode stays, and its probability does not drift."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, undefined
from pixel.persona.switches import switch_points


def stretches(needed: Sequence[str]) -> list[tuple[int, int]]:
    """First turn and end (exclusive) of each stretch in which one mode is needed."""
    starts = [0, *switch_points(needed), len(needed)]
    return [pair for pair in zip(starts, starts[1:], strict=False) if pair[0] < pair[1]]


def held_share(needed: Sequence[str], given: Sequence[str], settle: int = 0) -> Measure:
    """
    Share of steps within stretches of one needed mode at which the mode taken stayed what it was, in [0, 1].

    It does not ask whether that mode was the right one: a system that never switches has 1. Read it beside detection.

    Args:
        needed, given: `[user turns]` of one dialogue.
        settle: steps after each needed switch that are left out (a late switch is counted as delay, not here).

    Raises:
        ValueError: not of one length.
    """
    if len(needed) != len(given):
        raise ValueError(f"{len(needed)} needed modes and {len(given)} given ones")
    kept = [
        given[turn] == given[turn - 1]
        for start, end in stretches(needed)
        for turn in range(start + 1 + (settle if start else 0), end)
    ]
    return defined(np.mean(kept)) if kept else undefined("no two turns in one mode")


def drift(probabilities: ArrayLike, least: int = 4) -> Measure:
    """
    Slope of the probability of the needed mode over a stretch in which it does not change, per ten turns.

    Args:
        probabilities: of the needed mode, `[turns]`, one stretch.
        least: turns needed for a slope.

    Returns:
        in [-10, 10]; below 0 the voice slips away as the conversation goes on.

    Source: ordinary least squares; drift of a persona over turns as in Li et al., "Measuring and Controlling
    Instruction (In)Stability in Language Model Dialogs", COLM 2024 (there by probes of the replies).
    """
    probabilities = np.asarray(probabilities, dtype=float)
    if len(probabilities) < least:
        return undefined(f"{len(probabilities)} turns in one mode, {least} needed")
    turns = np.arange(len(probabilities)) - (len(probabilities) - 1) / 2
    return defined(10 * (turns @ probabilities) / (turns @ turns))
