"""Detection: on how many of the person's turns is the mode taken that the turn needs."""

from collections.abc import Sequence

import numpy as np

from pixel.metrics.macro_f1 import macro_f1
from pixel.metrics.measure import Measure, defined, too_few


def detection_accuracy(needed: Sequence[str], given: Sequence[str]) -> Measure:
    """
    Share of user turns in the mode they need, in [0, 1].

    Args:
        needed, given: mode names, `[turns]`, of any number of dialogues joined.

    Raises:
        ValueError: not of one length.
    """
    if len(needed) != len(given):
        raise ValueError(f"{len(needed)} needed modes and {len(given)} given ones")
    if (problem := too_few(len(needed), 1)) is not None:
        return problem
    return defined(np.mean([a == b for a, b in zip(needed, given, strict=True)]))


def detection_macro_f1(needed: Sequence[str], given: Sequence[str]) -> Measure:
    """
    F1 of each mode that occurs in `needed` or `given`, averaged with equal weight, in [0, 1]: a system that never
    takes a rare mode is not carried by the frequent ones.

    Args:
        needed, given: mode names, `[turns]`.

    Source: `pixel.metrics.macro_f1`.
    """
    names = sorted({*needed, *given})
    index = {name: number for number, name in enumerate(names)}
    return macro_f1([index[name] for name in needed], [index[name] for name in given])
