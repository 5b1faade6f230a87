"""What is usual: how other speakers' markers are spread, how stable each marker is, and what Whisper does to it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).with_name("weights")
QUANTILES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
MOST_TIMES = 4
LEAST_RHO = 0.7
MOST_SHIFT = 0.5
"""Rank correlation between a text's marker and its transcript's, and their distance in standard deviations."""
REFERENCES = ("meetings", "therapists", "clients")
"""Whom a speaker can be compared with: people in AMI's meetings, therapists and clients of AnnoMI's sessions."""


@dataclass(frozen=True)
class Standing:
    """
    One marker of one speaker beside others.

    Attributes:
        percentile: share of the others that lie below, in [0, 1], between the 1st and the 99th.
        z: standard deviations from their mean.
        reliability: of a sample of so many words as the text has, in [0, 1] (an estimate can be below 0), `None` where
            it was not measured; measured at `words` and stepped up to the text's length by the Spearman-Brown formula.
        low, high: its 95% interval.
        stability: the same between the start and the end of a talk; lower, since topics change.
        auc: how often a speaker is nearer to themself than to another one, by this marker alone.
        words: length of the samples in which all this was measured, at most the text's.
        speakers: how many others.
    """

    percentile: float
    z: float
    reliability: float | None
    low: float | None
    high: float | None
    stability: float | None
    auc: float | None
    words: int
    speakers: int

    def record(self) -> dict[str, float | int | None]:
        """Ready for JSON, rounded."""
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in vars(self).items()}


class Reference:
    """
    Measured tables, by length of the sample.

    Args:
        tables: `{"about": ..., "lengths": {words: {marker: {...}}}}` as `marker_reliability.measure` gives it.
    """

    def __init__(self, tables: Mapping[str, Any]):
        self.about = tables["about"]
        self.lengths = {int(words): rows for words, rows in tables["lengths"].items()}

    @property
    def least_words(self) -> int:
        """Below so many words nothing is compared."""
        return min(self.lengths)

    def length(self, words: int) -> int | None:
        """The longest measured length that a text reaches; `None` for a shorter text."""
        return max((length for length in self.lengths if length <= words), default=None)

    def standing(self, marker: str, value: float | None, words: int) -> Standing | None:
        """Where a value lies; `None` for a null, a text that is too short, or a marker that was not measured."""
        length = self.length(words)
        row = self.lengths[length].get(marker) if length else None
        if value is None or row is None or not row["spread"]:
            return None
        return Standing(
            percentile=_percentile(row["quantiles"], value),
            z=(value - row["mean"]) / row["spread"],
            words=length,
            **{
                name: stepped_up(row.get(name), words / length) for name in ("reliability", "low", "high", "stability")
            },
            **{name: row.get(name) for name in ("auc", "speakers")},
        )


def stepped_up(reliability: float | None, times: float) -> float | None:
    """
    Spearman-Brown: the reliability of a sample `times` as long, `times` cut at 4; one below 0 stays.

    Example:
        >>> stepped_up(0.5, 2)
        0.666...
    """
    if reliability is None or reliability <= 0:
        return reliability
    times = min(times, MOST_TIMES)
    return times * reliability / (1 + (times - 1) * reliability)


@cache
def transcribed() -> dict[str, dict[str, float]]:
    """
    Marker -> `rho`, `low`, `high`, `shift`, `speakers`: how it comes through Whisper tiny.en, measured on AMI's words
    spoken by a machine (`pixel.benchmarks.voice.markers.through_whisper`).
    """
    rows = json.loads((FOLDER / "markers_transcribed.json").read_text(encoding="utf-8"))["rows"]
    return {row["marker"]: row for row in rows}


def survives(marker: str) -> bool:
    """Whether a transcript's marker says what the speaker's own does: it keeps the order and moves little."""
    row = transcribed().get(marker)
    return row is not None and row["rho"] >= LEAST_RHO and abs(row["shift"]) <= MOST_SHIFT


def _percentile(quantiles: list[float], value: float) -> float:
    """Where equal quantiles make a step (many speakers at 0), the middle of the step."""
    left = np.interp(value, quantiles, QUANTILES, left=QUANTILES[0], right=QUANTILES[-1])
    at = [share for share, quantile in zip(QUANTILES, quantiles, strict=True) if quantile == value]
    return float((at[0] + at[-1]) / 2) if len(at) > 1 else float(left)


@cache
def reference(name: str = "meetings") -> Reference:
    """
    One of `REFERENCES`, as shipped.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in REFERENCES:
        raise ValueError(f"there is no reference {name!r}. Mend: use one of: {', '.join(REFERENCES)}")
    return Reference(json.loads((FOLDER / f"markers_{name}.json").read_text(encoding="utf-8")))
