"""From stretches of speech to turns: glimpses every 0.4 s, each with the voice it belongs to."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from pixel.voice.diarization.mel import RATE
from pixel.voice.diarization.speaker_encoder import LENGTH, louder
from pixel.voice.diarization.voices import find_voices

STEP = 0.4
"""Seconds from one glimpse to the next."""
SECONDS = LENGTH / RATE


class Encoder(Protocol):
    """`[samples]` pieces to float `[pieces, size]` of length 1."""

    def glimpses(self, pieces: Iterable[np.ndarray]) -> np.ndarray: ...


class Spot(NamedTuple):
    """
    Attributes:
        start, end: seconds that the glimpse decides on.
        heard: where its 1.6 s begin; they lie inside the stretch as far as it is long enough.
    """

    start: float
    end: float
    heard: float


class Turn(NamedTuple):
    """`speaker` from 0 in order of appearance; `start` and `end` in seconds."""

    start: float
    end: float
    speaker: int


def spots(start: float, end: float, step: float = STEP) -> Iterator[Spot]:
    """
    Where to look in a stretch of speech; the spots cover it without gaps.

    Example:
        >>> [(round(s.start, 1), round(s.end, 1), round(s.heard, 1)) for s in spots(2.0, 4.0, step=1.0)]
        [(2.0, 3.0, 2.0), (3.0, 4.0, 2.4)]
    """
    count = max(1, round((end - start) / step))
    edges = np.linspace(start, end, count + 1)
    low, high = (start, end - SECONDS) if end - start > SECONDS else 2 * ((start + end - SECONDS) / 2,)
    for left, right in zip(edges[:-1], edges[1:], strict=True):
        heard = min(max((left + right - SECONDS) / 2, low), high)
        yield Spot(float(left), float(right), max(float(heard), 0.0))


def turns(
    samples: np.ndarray, speech: Sequence[tuple[float, float]], encoder: Encoder, speakers: int | None = None, **how
) -> list[Turn]:
    """
    Who speaks when in a recording that fits into memory.

    Args:
        samples: float `[samples]` at 16 kHz.
        speech: start and end in seconds of the stretches in which somebody speaks, in order.
        encoder: see `Encoder`.
        speakers: how many there are, where it is known.
        how: `apart`, see `find_voices`.

    Returns:
        turns in order; two of the same speaker that touch are one. Only one speaks at a time: of people who talk over
        each other the louder one gets the turn.
    """
    return settle(*listen(samples, speech, encoder), speakers, **how)


def listen(samples: np.ndarray, speech: Sequence[tuple[float, float]], encoder: Encoder) -> tuple[list[Spot], Any]:
    """The spots of stretches of speech, and their glimpses, float `[spots, size]`."""
    looked = [spot for start, end in speech for spot in spots(start, end)]
    return looked, encoder.glimpses(louder(cut(samples, spot.heard)) for spot in looked)


def settle(looked: Sequence[Spot], glimpses: np.ndarray, speakers: int | None = None, **how) -> list[Turn]:
    """The turns that spots and their glimpses come to; see `turns`."""
    times = np.array([(spot.start + spot.end) / 2 for spot in looked])
    voices = find_voices(glimpses, times, STEP, speakers, **how)
    joined: list[Turn] = []
    for spot, voice in zip(looked, voices.tolist(), strict=True):
        if joined and joined[-1].speaker == voice and spot.start - joined[-1].end < 1e-6:
            joined[-1] = joined[-1]._replace(end=spot.end)
        else:
            joined.append(Turn(spot.start, spot.end, voice))
    return joined


def cut(samples: np.ndarray, start: float) -> np.ndarray:
    """The 1.6 s of a glimpse, or what there is of them."""
    begin = round(start * RATE)
    return samples[begin : begin + LENGTH]
