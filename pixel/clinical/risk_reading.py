"""What the parts that answer a risk need of a detector's reading: its rung on the ladder, its kind, its urgency."""

from collections.abc import Sequence
from typing import Protocol

from pixel.models.labels_clinical import RISK_LEVELS

URGENCIES = ("none", "watch", "soon", "urgent", "emergency")
"""From nothing to do, to help on the spot."""


class Reading(Protocol):
    """
    One message as a detector reads it (`pixel.clinical.crisis` has one).

    Attributes:
        severity: probabilities of the seven rungs, summing to 1.
        flag: a person should look at it. One that also has `high` set speaks of rung 4 or more.
        abstain: it could not be judged.
        kind: of crisis, `none` where there is none.
        reasons: why, for a person to read.
    """

    severity: Sequence[float]
    flag: bool
    abstain: bool
    kind: str
    reasons: Sequence


class Detector(Protocol):
    """Reads messages, one reading each, in their order."""

    def read(self, texts: Sequence[str]) -> Sequence[Reading]: ...


def rung(severity: Sequence[float]) -> int:
    r"""
    The ladder's rung that is reached with at least even odds, :math:`\max\{k : \sum_{j \ge k} p_j \ge 1/2\}`: the
    median of the distribution.

    Args:
        severity: seven probabilities, or none (then 0).

    Raises:
        ValueError: another number of them.
    """
    if not len(severity):
        return 0
    if len(severity) != len(RISK_LEVELS):
        raise ValueError(f"severity has {len(severity)} values. Mend: give one for each of {', '.join(RISK_LEVELS)}")
    above = 0.0
    for level in range(len(severity) - 1, 0, -1):
        above += severity[level]
        if above >= 0.5:
            return level
    return 0


def level_of(reading: Reading) -> int:
    """The rung of a reading; a flag for suicide counts as at least the first rung, an abstention for nothing."""
    if reading.abstain and not reading.flag:
        return 0
    least = 1 if reading.flag and kind_of(reading) == "suicide" else 0
    return max(rung(reading.severity), least)


def kind_of(reading: Reading) -> str:
    """The kind of crisis, `none` where the reading names none."""
    return str(getattr(reading, "kind", None) or "none")


def more_urgent(*urgencies: str) -> str:
    """The most urgent of some; `none` of none."""
    return max(urgencies, key=URGENCIES.index, default="none")
