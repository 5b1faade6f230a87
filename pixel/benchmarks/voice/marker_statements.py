"""Do the sentences of a profile hold? What is said of one sample of a talk, looked up in another one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import Measure, defined
from pixel.voice.personality.marker_reference import meeting_speakers
from pixel.voice.personality.marker_reliability import Speaker
from pixel.voice.personality.profile import text_markers
from pixel.voice.personality.readable import RELIABLE, UNUSUAL
from pixel.voice.personality.reference import reference
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
        sample, so that `readable` may say it; `same_side` is the share of them for which the second sample lies on
        the same side of the middle (0.5 by chance) with its 95% interval over groups of people, `unusual_again` for
        which it is unusual on that side too, and `by_chance` the share of others who would be.
    """
    speakers, rows = meeting_speakers(data_root), []
    for length in words:
        for name, cut in CUTS.items():
            pairs = [(one, pair) for one in speakers if (pair := cut(one.text, length))]
            rows.append(dict(zip(HEADER, (name, length, len(pairs), *_held(pairs, length)), strict=True)))
    return rows


def _held(pairs: Sequence[tuple[Speaker, tuple[str, str]]], length: int) -> tuple:
    usual, same, again, groups = reference(), [], [], []
    for speaker, texts in pairs:
        first, second = (
            {name: usual.standing(name, value, length) for name, value in text_markers(text).items()} for text in texts
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
            groups.append(speaker.group)
    held = np.array(same, dtype=float)

    def share(at: np.ndarray) -> Measure:
        return defined(held[at].mean())

    ends = bootstrap_interval(share, len(held), groups) or (None, None)
    return len(held), float(held.mean()), *ends, float(np.mean(again)), 1 - UNUSUAL
