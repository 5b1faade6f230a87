"""Conversational rhythm from the times of words: rate, pauses, turns, how soon an answer comes, overlap."""

from collections.abc import Sequence

import numpy as np

from pixel.voice.personality.marker import markers_of
from pixel.voice.personality.markers.turns import Turn, turns
from pixel.voice.personality.words import words
from pixel.voice.segment import Segment

PAUSE = 0.25
"""Seconds of silence between words from which it is a pause (De Jong & Bosker, DiSS 2013). Word times of Whisper are
good to a tenth of a second or so: single pauses are rough, medians are not."""
LONG_PAUSE = 1.0
LEAST_WORDS = 20
LEAST_TURNS = 5
ANSWER = 3.0
"""Seconds after another's turn within which a turn is taken for an answer to it."""

ALONE = (
    "words_per_minute",
    "articulation_rate",
    "rate_spread",
    "pause_median",
    "pause_90",
    "pauses_per_minute",
    "pause_share",
    "long_pauses_per_minute",
    "run_words",
    "final_slowing",
)
BETWEEN = (
    "turn_words",
    "turn_seconds",
    "turn_spread",
    "talk_share",
    "response_latency",
    "latency_spread",
    "overlap_starts",
    "left_waiting",
    "brief_turns",
)
MARKERS = markers_of("rhythm")


def measure(segments: Sequence[Segment], speaker: str | None = None) -> dict[str, float | None]:
    """
    Args:
        segments: of everybody in the recording; words with times.
        speaker: whose rhythm, one of the segments' speakers; `None` where nobody is named.

    Returns:
        name -> value. `None` below 20 words with times, below 5 pauses for the measures of pauses, below 5 turns or
        answers for those between speakers, and there where only one speaker is heard.
    """
    everyone = turns(segments)
    own = [segment for segment in segments if segment.speaker == speaker]
    return _alone(own, [turn for turn in everyone if turn.speaker == speaker]) | _between(everyone, speaker)


def _alone(own: Sequence[Segment], own_turns: Sequence[Turn]) -> dict[str, float | None]:
    spoken = [turn.words for turn in own_turns if turn.words]
    count, seconds = sum(map(len, spoken)), sum(one[-1].end - one[0].start for one in spoken)
    if count < LEAST_WORDS or seconds <= 0:
        return dict.fromkeys(ALONE)
    gaps = [b.start - a.end for one in spoken for a, b in zip(one, one[1:], strict=False)]
    pauses = np.array([gap for gap in gaps if gap >= PAUSE])
    enough, minutes = len(pauses) >= LEAST_TURNS, seconds / 60
    rates = [
        len(segment.words) / (segment.words[-1].end - segment.words[0].start)
        for segment in own
        if len(segment.words) >= LEAST_TURNS and segment.words[-1].end > segment.words[0].start
    ]
    return {
        "words_per_minute": count / minutes,
        "articulation_rate": float(count / max((seconds - pauses.sum()) / 60, 1e-9)),
        "rate_spread": float(np.std(rates) / np.mean(rates)) if len(rates) >= LEAST_TURNS else None,
        "pause_median": float(np.median(pauses)) if enough else None,
        "pause_90": float(np.quantile(pauses, 0.9)) if enough else None,
        "pauses_per_minute": len(pauses) / minutes,
        "pause_share": float(pauses.sum() / seconds),
        "long_pauses_per_minute": float((pauses >= LONG_PAUSE).sum() / minutes),
        "run_words": count / (len(pauses) + len(spoken)),
        "final_slowing": _final_slowing(spoken),
    }


def _final_slowing(spoken: Sequence[Sequence]) -> float | None:
    final, other = [], []
    for one in spoken:
        for place, word in enumerate(one):
            letters = sum(letter.isalnum() for letter in word.text)
            if not letters or word.end <= word.start:
                continue
            last = place + 1 == len(one) or one[place + 1].start - word.end >= PAUSE
            (final if last else other).append((word.end - word.start) / letters)
    return float(np.median(final) / np.median(other)) if min(len(final), len(other)) >= LEAST_TURNS else None


def _between(everyone: Sequence[Turn], speaker: str | None) -> dict[str, float | None]:
    own = [turn for turn in everyone if turn.speaker == speaker]
    if len({turn.speaker for turn in everyone}) < 2 or len(own) < LEAST_TURNS:
        return dict.fromkeys(BETWEEN)
    lengths = np.array([turn.end - turn.start for turn in own])
    counts = np.array([len(words(turn.text)) for turn in own])
    gaps, waiting = [], []
    for one, other in zip(everyone, everyone[1:], strict=False):
        gap = other.start - one.end
        if one.speaker == other.speaker or abs(gap) > ANSWER:
            continue
        if other.speaker == speaker:
            gaps.append(gap)
        elif one.speaker == speaker:
            waiting.append(gap)
    low, high = np.quantile(lengths, [0.25, 0.75])
    answers = len(gaps) >= LEAST_TURNS
    quarter, three = np.quantile(gaps, [0.25, 0.75]) if answers else (0, 0)
    total = sum(turn.end - turn.start for turn in everyone)
    return {
        "turn_words": float(np.median(counts)),
        "turn_seconds": float(np.median(lengths)),
        "turn_spread": float(high - low),
        "talk_share": float(lengths.sum() / total) if total > 0 else None,
        "response_latency": float(np.median(gaps)) if answers else None,
        "latency_spread": float(three - quarter) if answers else None,
        "overlap_starts": float(np.mean([gap < 0 for gap in gaps])) if answers else None,
        "left_waiting": float(np.median(waiting)) if len(waiting) >= LEAST_TURNS else None,
        "brief_turns": float((counts <= 2).mean()),
    }
