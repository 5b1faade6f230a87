"""What a metric answers: a number, or the reason why there is none."""

from typing import NamedTuple

import numpy as np


class Measure(NamedTuple):
    """
    A metric's value.

    Attributes:
        value: the number, or `None` where the data cannot define it. Never NaN.
        reason: why there is none, in words; `None` where there is a value.
    """

    value: float | None
    reason: str | None = None


def undefined(reason: str) -> Measure:
    """A metric without a value, and why."""
    return Measure(None, reason)


def defined(value: float) -> Measure:
    """A metric's value as a plain float; a non-finite one becomes undefined instead of travelling on as NaN."""
    value = float(value)
    return Measure(value) if np.isfinite(value) else undefined("the value is not finite")


def too_few(count: int, least: int = 2) -> Measure | None:
    """An undefined measure where there are fewer than `least` labelled turns, else `None`."""
    return undefined(f"{count} labelled turn{'' if count == 1 else 's'}, {least} needed") if count < least else None
