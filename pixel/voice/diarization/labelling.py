"""Words and segments get the speaker who says them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np

from pixel.voice.diarization.mel import RATE
from pixel.voice.diarization.speaker_encoder import LENGTH, encoder, louder
from pixel.voice.diarization.turns import SECONDS, STEP, Encoder, Spot, cut, spots
from pixel.voice.diarization.voices import APART, find_voices
from pixel.voice.segment import Segment

PAUSE = 0.5
"""Seconds between two words from which on nobody is listened to."""
LEAST_RUN = 0.8
"""Seconds that somebody has to speak within another's segment for it to be cut."""
Samples = Callable[[float, float], np.ndarray]
"""Start and end in seconds to float `[samples]` at 16 kHz; less where the recording ends."""


def label_speakers(
    audio: str | Path | Samples,
    segments: Sequence[Segment],
    speakers: int | None = None,
    *,
    cut_changes: bool = False,
    apart: float = APART,
    encoder_: Encoder | None = None,
) -> list[Segment]:
    """
    Say who speaks each segment of one recording: `S1` is who speaks first, then `S2`, ...

    Args:
        audio: the recording, read in windows, or a function that gives its samples.
        segments: of this recording.
        speakers: how many there are, where it is known; the number found by itself is a guess.
        cut_changes: cut a segment in which the speaker changes between two words. Otherwise as many segments come
            back as went in, each with who says most of it.
        apart: see `find_voices`.
        encoder_: see `turns.Encoder`; default: Resemblyzer's.

    Returns:
        the segments with `speaker`, in the order they came; `None` where the recording has no sound for one.

    Raises:
        ModuleNotFoundError: Resemblyzer is not installed.
        AudioError: the recording cannot be read.
    """
    if not segments:
        return []
    looked: list[list[Spot]] = [[spot for run in _runs(segment) for spot in spots(*run)] for segment in segments]
    order = sorted(range(len(segments)), key=lambda index: (segments[index].start, index))
    heard: list[tuple[int, Spot]] = []

    def pieces() -> Iterator[np.ndarray]:
        for samples, indices in _sounds(audio, segments, order):
            for index, spot in [(mine, spot) for mine in indices for spot in looked[mine]]:
                piece = samples(spot.heard, spot.heard + SECONDS)
                if len(piece) >= LENGTH // 16:  # 0.1 s
                    heard.append((index, spot))
                    yield louder(np.asarray(piece, np.float32))

    glimpses = (encoder_ or encoder()).glimpses(pieces())
    times = np.array([(spot.start + spot.end) / 2 for _, spot in heard])
    voices = find_voices(glimpses, times, STEP, speakers, apart)
    found: list[list[tuple[Spot, int]]] = [[] for _ in segments]
    for (index, spot), voice in zip(heard, voices.tolist(), strict=True):
        found[index].append((spot, voice))
    labelled = (_labelled(segment, mine, cut_changes) for segment, mine in zip(segments, found, strict=True))
    return [part for parts in labelled for part in parts]


def _sounds(audio, segments: Sequence[Segment], order: list[int]) -> Iterator[tuple[Samples, list[int]]]:
    """Sound, and the segments that begin in it."""
    if callable(audio):
        yield audio, order
        return
    from pixel.voice.audio.decoding import windows

    for window in windows(audio):
        end = window.start + len(window.samples) / RATE

        def samples(start: float, _end: float, window=window) -> np.ndarray:
            # a glimpse that would begin before the window begins with it
            return cut(window.samples, max(start - window.start, 0.0))

        yield samples, [index for index in order if window.start <= segments[index].start < end]


def _runs(segment: Segment) -> list[tuple[float, float]]:
    """Start and end of the stretches of a segment without long pauses between words."""
    if not segment.words:
        return [(segment.start, max(segment.end, segment.start + 0.01))]
    runs = [[segment.words[0].start, segment.words[0].end]]
    for word in segment.words[1:]:
        if word.start - runs[-1][1] >= PAUSE:
            runs.append([word.start, word.end])
        else:
            runs[-1][1] = max(runs[-1][1], word.end)
    return [(start, max(end, start + 0.01)) for start, end in runs]


def _labelled(segment: Segment, found: list[tuple[Spot, int]], cut_changes: bool) -> list[Segment]:
    """One segment, or its parts by speaker."""
    if not found:
        return [replace(segment, speaker=None)]
    whose = [_at(found, (word.start + word.end) / 2) for word in segment.words]
    if not cut_changes or len(set(whose)) < 2:
        seconds: dict[int, float] = {}
        for spot, voice in found:
            seconds[voice] = seconds.get(voice, 0.0) + spot.end - spot.start
        return [replace(segment, speaker=_name(max(sorted(seconds), key=seconds.get)))]
    runs = _runs_of(_without_slips(segment, whose))
    if len(runs) == 1:
        return [replace(segment, speaker=_name(runs[0][0]))]
    parts = [_part(segment, voice, places) for voice, places in runs]
    parts[0] = replace(parts[0], start=min(segment.start, parts[0].start))
    parts[-1] = replace(parts[-1], end=max(segment.end, parts[-1].end))
    return parts


def _part(segment: Segment, voice: int, places: Sequence[int]) -> Segment:
    """Some words of a segment, as a segment."""
    words = segment.words[places[0] : places[-1] + 1]
    text = "".join(word.text for word in words).strip()
    times = {"start": words[0].start, "end": words[-1].end}
    return replace(segment, words=words, text=text, speaker=_name(voice), **times)


def _runs_of(whose: Sequence[int]) -> list[tuple[int, list[int]]]:
    """
    Example:
        >>> _runs_of([5, 5, 7])
        [(5, [0, 1]), (7, [2])]
    """
    runs = groupby(range(len(whose)), lambda place: whose[place])
    return [(voice, list(places)) for voice, places in runs]


def _without_slips(segment: Segment, whose: Sequence[int]) -> list[int]:
    """Runs of words that are too short for a change of speaker go to the longer neighbour, the shortest run first."""
    whose = list(whose)

    def seconds(run: tuple[int, list[int]]) -> float:
        return segment.words[run[1][-1]].end - segment.words[run[1][0]].start

    while len(runs := _runs_of(whose)) > 1:
        shortest = min(range(len(runs)), key=lambda index: seconds(runs[index]))
        if seconds(runs[shortest]) >= LEAST_RUN:
            break
        near = [runs[other] for other in (shortest - 1, shortest + 1) if 0 <= other < len(runs)]
        for place in runs[shortest][1]:
            whose[place] = max(near, key=seconds)[0]
    return whose


def _at(found: list[tuple[Spot, int]], time: float) -> int:
    """The voice of the spot that lies at a time, or nearest to it."""
    return min(found, key=lambda pair: (max(pair[0].start - time, time - pair[0].end, 0.0), pair[0].start))[1]


def _name(voice: int) -> str:
    return f"S{voice + 1}"
