"""Switches: found, how late, missed, and made where none was needed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from pixel.metrics.measure import Measure, defined, undefined

WINDOW = 2
"""How many user turns after the turn that needs a switch it still counts as found: two replies in the old voice."""


def switch_points(modes: Sequence[str]) -> list[int]:
    """Turns, from 1 on, whose mode differs from that of the turn before."""
    return [turn for turn in range(1, len(modes)) if modes[turn] != modes[turn - 1]]


@dataclass
class SwitchCount:
    """
    What became of the switches of some dialogues.

    Attributes:
        delays: for each switch found, user turns from the one that needed it (0: at once).
        missed: switches needed and not found.
        false: switches made that none was needed for.
        turns: user turns at which a switch was possible (all but the first of each dialogue).
        found: for each needed switch, in order, whether it was found.
    """

    delays: list[int] = field(default_factory=list)
    missed: int = 0
    false: int = 0
    turns: int = 0
    found: list[bool] = field(default_factory=list)

    @property
    def recall(self) -> Measure:
        """Share of needed switches that were found, in [0, 1] (the switch accuracy)."""
        return _share(len(self.delays), len(self.delays) + self.missed, "no switch was needed")

    @property
    def precision(self) -> Measure:
        """Share of switches made that were needed, in [0, 1]."""
        return _share(len(self.delays), len(self.delays) + self.false, "no switch was made")

    @property
    def f1(self) -> Measure:
        """Harmonic mean of both, in [0, 1]; 0 where switches were needed and none was made."""
        hits = len(self.delays)
        return _share(2 * hits, 2 * hits + self.missed + self.false, "no switch was needed or made")

    @property
    def mean_delay(self) -> Measure:
        """User turns between need and switch, over switches found, in [0, window]."""
        return defined(np.mean(self.delays)) if self.delays else undefined("no switch was found")

    @property
    def false_per_hundred(self) -> Measure:
        """Switches nobody needed, per 100 user turns at which a switch was possible, in [0, 100]."""
        return _share(100 * self.false, self.turns, "no turn at which a switch was possible")

    @property
    def missed_per_hundred(self) -> Measure:
        """Needed switches that were not found, per 100 such turns, in [0, 100]."""
        return _share(100 * self.missed, self.turns, "no turn at which a switch was possible")


def count_switches(needed: Sequence[str], given: Sequence[str], window: int = WINDOW) -> SwitchCount:
    """
    Match the switches a dialogue needs with those that were made.

    A needed switch at turn `s` is found by the first switch into its mode at a turn in `[s, s + window]` that comes
    before the next needed switch; every made switch serves once. One made too early is a false switch, and the needed
    one counts as missed, for at the time it answered no need. A system may return to a mode within the window
    (`therapy`, `assistant`, `therapy`): the extra switches are false ones.

    Args:
        needed, given: mode names, `[user turns]`, of one dialogue.
        window: tolerated delay in user turns, 0 or more.

    Raises:
        ValueError: not of one length.

    Source: matching of predicted to true change points within a margin, as in Truong, Oudre & Vayatis, "Selective
    review of offline change point detection methods", Signal Processing 2020, section 3.2; here one-sided in time,
    and the mode must be right.
    """
    if len(needed) != len(given):
        raise ValueError(f"{len(needed)} needed modes and {len(given)} given ones")
    wanted, made = switch_points(needed), switch_points(given)
    count, free = SwitchCount(turns=max(0, len(needed) - 1)), list(made)
    for place, turn in enumerate(wanted):
        end = wanted[place + 1] if place + 1 < len(wanted) else len(needed)
        last = min(turn + window, end - 1)
        match = next((at for at in free if turn <= at <= last and given[at] == needed[turn]), None)
        count.found.append(match is not None)
        if match is None:
            count.missed += 1
        else:
            free.remove(match)
            count.delays.append(match - turn)
    count.false = len(free)
    return count


def total(counts: Iterable[SwitchCount]) -> SwitchCount:
    """Several dialogues together."""
    out = SwitchCount()
    for one in counts:
        out.delays += one.delays
        out.missed += one.missed
        out.false += one.false
        out.turns += one.turns
        out.found += one.found
    return out


def _share(part: float, whole: float, reason: str) -> Measure:
    return defined(part / whole) if whole else undefined(reason)
