"""Planted changes of speaker: how many are found, how near, and how often one is found where there is none."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pixel.benchmarks.voice.ami_pairs import FOLDS, Fit, learned
from pixel.benchmarks.voice.ami_streams import Stream, drifting, planted, unchanged
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import defined, undefined
from pixel.voice.personality.consistency.cusum import SLACK, blocks, totals
from pixel.voice.personality.consistency.drift import Curve, curve, most_changed
from pixel.voice.personality.consistency.drift_reference import DriftReference
from pixel.voice.personality.fingerprint.ami import Speaker, folds_of, read_speakers

NEAR = 150
"""Words from the true place within which a change counts as found in its place."""
SAME, MEETING, ELSEWHERE, SLOW = (
    "one speaker",
    "another speaker of the same meeting",
    "a speaker of another group's meeting",
    "slow drift to another speaker of the meeting",
)
KINDS = (SAME, MEETING, ELSEWHERE, SLOW)


class Heard(NamedTuple):
    """One stream, as a fingerprint that never met its group hears it: cut at every place, and as it comes."""

    kind: str
    stream: Stream
    fold: int
    cut: Curve
    blocks: Curve


class Found(NamedTuple):
    """What was made of it by a reference that rests on other groups."""

    kind: str
    group: str
    p: float
    away: float
    alarmed: bool
    delay: float


def streams_of(speakers: Sequence[Speaker], seed: int = 0) -> dict[str, list[Stream]]:
    """Streams by kind."""
    return {
        SAME: unchanged(speakers),
        MEETING: planted(speakers, seed=seed),
        ELSEWHERE: planted(speakers, elsewhere=True, seed=seed),
        SLOW: drifting(speakers, seed),
    }


def hear(
    speakers: Sequence[Speaker],
    fit: Fit,
    seed: int = 0,
    kinds: Sequence[str] = KINDS,
    folds: Sequence[int] | None = None,
) -> list[Heard]:
    """
    Streams of every kind, each under a fingerprint fitted on the other folds' groups.

    Args:
        speakers: of all meetings.
        fit: fingerprint from speakers.
        seed: of folds, partners and places.
        kinds: of streams.
        folds: only these.
    """
    fold, out = folds_of([one.group for one in speakers], seed=seed), []
    for number in range(FOLDS) if folds is None else folds:
        here = [one for one in speakers if fold[one.group] == number]
        vector = fit([one for one in speakers if fold[one.group] != number])
        for kind, streams in streams_of(here, seed).items():
            if kind in kinds:
                out += [
                    Heard(kind, one, number, curve(one.texts, vector), blocks(one.texts, vector)) for one in streams
                ]
    return out


def reference_of(heard: Sequence[Heard], alarms: float = 0.05) -> DriftReference:
    """
    What is usual in the streams by one speaker each, and the sequential limit that a share `alarms` of them passes.
    """
    own = [one for one in heard if one.kind == SAME]
    reference = DriftReference.fit([one.cut[1:] for one in own])
    highest = [totals(reference.score(*one.blocks[1:])).max(initial=0.0) for one in own]
    return replace(reference, limit=max(SLACK, float(np.quantile(highest, 1 - alarms))))


def found_in(one: Heard, reference: DriftReference) -> Found:
    """The place of most change with its p, and whether and how late an alarm was raised as the stream came."""
    change = most_changed(one.stream.texts, None, reference, one.cut)
    away = abs(change.word - one.stream.word) if change and one.stream.word is not None else np.nan
    passed = np.flatnonzero(totals(reference.score(*one.blocks[1:])) > reference.limit)
    delay = np.nan
    if len(passed):
        words = sum(len(text.split()) for text in one.stream.texts[: one.blocks.place[passed[0]]])
        delay = words - (one.stream.word or 0)
    return Found(one.kind, one.stream.group, change.p if change else 1.0, away, bool(len(passed)), delay)


def drift(
    data_root: str | Path, fit: Fit | None = None, alphas: Sequence[float] = (0.05, 0.1), seed: int = 0
) -> list[dict[str, Any]]:
    """
    Share of streams in which a change is found, by kind, with 95% intervals over groups.

    Args:
        data_root: folder with `ami/`.
        fit: fingerprint from speakers; default: as the one that ships is fitted.
        alphas: chances of a false alarm at which the alarm is set, on other groups.
        seed: of folds, partners and places.

    Raises:
        FileNotFoundError: no transcripts there.
    """
    speakers = read_speakers(data_root)
    return rows_of(hear(speakers, fit or learned(speakers), seed), alphas)


def rows_of(heard: Sequence[Heard], alphas: Sequence[float] = (0.05, 0.1)) -> list[dict[str, Any]]:
    """
    Each fold's streams under a reference of the other folds' streams (heard by fingerprints that were fitted on this
    fold's people too, of whom the reference keeps no more than its numbers).

    `alarms` of streams as they come count those before the change as well: `too early` is the share of all streams in
    which the first alarm was such a one. `median words away` is of the others.
    """
    folds = sorted({one.fold for one in heard})
    references = {fold: reference_of([one for one in heard if one.fold != fold]) for fold in folds}
    read, rows = [found_in(one, references[one.fold]) for one in heard], []
    for kind in KINDS:
        own = [one for one in read if one.kind == kind]
        if not own:
            continue
        groups = [one.group for one in own]
        for alpha in alphas:
            hit = np.array([one.p <= alpha for one in own])
            away = np.array([one.away for one in own])
            row = {"stream": kind, "n": len(own), "set for": alpha} | _share("alarms", hit, groups)
            if kind in (MEETING, ELSEWHERE) and hit.any():
                row |= {f"within {NEAR} words": float((away[hit] <= NEAR).mean())}
                row |= {"median words away": float(np.median(away[hit]))}
            rows.append(row)
        alarmed = np.array([one.alarmed for one in own])
        row = {"stream": f"{kind}, as it comes", "n": len(own), "set for": 0.05} | _share("alarms", alarmed, groups)
        delays = [one.delay for one in own if one.alarmed and not np.isnan(one.delay) and one.delay >= 0]
        if kind in (MEETING, ELSEWHERE):
            row["too early"] = float(np.mean([one.delay < 0 for one in own]))
            if delays:
                row["median words away"] = float(np.median(delays))
        rows.append(row)
    return rows


def _share(name: str, hit: np.ndarray, groups: Sequence[str]) -> dict[str, float]:
    def share(index: np.ndarray):
        return defined(float(hit[index].mean())) if len(index) else undefined("no streams")

    interval = bootstrap_interval(share, len(hit), groups)
    low, high = interval if interval else (None, None)
    return {name: float(hit.mean()), "low": low, "high": high}
