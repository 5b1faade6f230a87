"""Do the sentences of a profile hold? What is said of one sample of a talk, looked up in another one."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import Measure, defined
from pixel.voice.personality.fingerprint.ami import folds_of
from pixel.voice.personality.marker_reference import meeting_speakers
from pixel.voice.personality.marker_reliability import Speaker, measure
from pixel.voice.personality.profile import text_markers
from pixel.voice.personality.readable import RELIABLE, UNUSUAL
from pixel.voice.personality.reference import Reference
from pixel.voice.personality.two_samples import apart_samples, spread_samples

HEADER = ("samples", "words", "speakers", "statements", "same_side", "low", "high", "unusual_again", "by_chance")
CUTS = {"spread over the talk": spread_samples, "start and end": apart_samples}


def statements_hold(data_root: str | Path, words: Sequence[int] = (300, 600)) -> list[dict[str, Any]]:
    """
    Args:
        data_root: with `ami/`.
        words: of a sample.

    Returns:
        rows with the keys of `HEADER`. A statement is a marker that is reliable enough and unusual in the first
        sample, so that `readable` may say it; what is usual and reliable was measured on other groups of people, in
        five folds. `same_side` is the share of statements for which the second sample lies on the same side of the
        middle (0.5 by chance) with its 95% interval over groups, `unusual_again` for which it is unusual on that side
        too, and `by_chance` the share of others who would be.

    Raises:
        ValueError: fewer than 30 speakers are left to compare with.
    """
    speakers, rows, markers = meeting_speakers(data_root), [], cache(text_markers)
    fold = folds_of(one.group for one in speakers)
    for length in words:
        usual = {
            number: _usual([one for one in speakers if fold[one.group] != number], markers, length)
            for number in sorted(set(fold.values()))
        }
        for name, cut in CUTS.items():
            pairs = [(one, pair) for one in speakers if (pair := cut(one.text, length))]
            held = _held([(one.group, usual[fold[one.group]], *map(markers, pair)) for one, pair in pairs], length)
            rows.append(dict(zip(HEADER, (name, length, len(pairs), *held), strict=True)))
    return rows


def _usual(others: Sequence[Speaker], markers, length: int) -> Reference:
    tables = measure(others, markers, "others", [length], resamples=0)
    if not tables["lengths"]:
        raise ValueError(f"too few speakers with 2 x {length} words are left over. Mend: give more meetings")
    return Reference(tables)


def _held(people: Sequence[tuple[str, Reference, Mapping, Mapping]], length: int) -> tuple:
    same, again, groups = [], [], []
    for group, usual, *samples in people:
        first, second = (
            {name: usual.standing(name, value, length) for name, value in values.items()} for values in samples
        )
        for name, place in first.items():
            other = second[name]
            if place is None or other is None or (place.reliability or 0) < RELIABLE:
                continue
            if max(place.percentile, 1 - place.percentile) < UNUSUAL:
                continue
            there = other.percentile if place.percentile > 0.5 else 1 - other.percentile
            same.append(there > 0.5)
            again.append(there >= UNUSUAL)
            groups.append(group)
    held = np.array(same, dtype=float)

    def share(at: np.ndarray) -> Measure:
        return defined(held[at].mean())

    ends = bootstrap_interval(share, len(held), groups) or (None, None)
    return len(held), float(held.mean()), *ends, float(np.mean(again)), 1 - UNUSUAL
