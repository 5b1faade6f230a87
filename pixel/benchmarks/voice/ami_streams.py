"""Streams of talk out of AMI's meetings, with and without a planted change of speaker."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pixel.voice.personality.fingerprint.ami import Speaker

LEAST_SAME = 900
"""Words of a stream by one speaker."""
LEAST_SIDE = 300
"""Words on either side of a planted change."""
_SENTENCE = re.compile(r"(?<=[.?!])\s+")


class Stream(NamedTuple):
    """
    Attributes:
        group: of the meeting.
        texts: sentences in order.
        place: index of the first sentence of the other speaker; `None` where nothing changes.
        word: words before it.
    """

    group: str
    texts: list[str]
    place: int | None = None
    word: int | None = None


def sentences(text: str) -> list[str]:
    """A text cut after full stops, question and exclamation marks."""
    return [one for one in _SENTENCE.split(text.strip()) if one]


def unchanged(speakers: Sequence[Speaker], least: int = LEAST_SAME) -> list[Stream]:
    """All that one speaker said in one meeting."""
    return [Stream(one.group, sentences(one.text)) for one in speakers if len(one.text.split()) >= least]


def planted(speakers: Sequence[Speaker], elsewhere: bool = False, seed: int = 0) -> list[Stream]:
    """
    One speaker up to a random place of the meeting, from there on another one.

    What the second one says is what was said later in that meeting, so that a change of speaker comes with no other
    step in time than a stream by one speaker has.

    Args:
        speakers: of any number of meetings.
        elsewhere: take the second one from a meeting of another group (another talk).
        seed: of partners and places.

    Returns:
        one stream a speaker who has a partner and leaves 300 words on either side.
    """
    generator, out = np.random.default_rng(seed), []
    for one in speakers:
        others = [
            other
            for other in speakers
            if (other.group != one.group if elsewhere else other.meeting == one.meeting and other != one)
        ]
        if not others:  # alone in a meeting, or nobody of another group
            continue
        share, other = generator.uniform(0.25, 0.75), others[int(generator.integers(len(others)))]
        first, second = sentences(one.text), sentences(other.text)
        head, tail = _part(first, 0.0, share), _part(second, share, 1.0)
        if min(_words(head), _words(tail)) >= LEAST_SIDE:
            out.append(Stream(one.group, head + tail, len(head), _words(head)))
    return out


def drifting(speakers: Sequence[Speaker], seed: int = 0) -> list[Stream]:
    """
    A slow drift: sentences of two speakers of one meeting, the second one's share rising evenly from none to all.

    `place` is where both are equally likely.
    """
    generator, out = np.random.default_rng(seed), []
    for one in speakers:
        others = [other for other in speakers if other.meeting == one.meeting and other != one]
        first, second = sentences(one.text), sentences(others[int(generator.integers(len(others)))].text)
        if min(_words(first), _words(second)) < 2 * LEAST_SIDE:
            continue
        length, texts = min(len(first), len(second)), []
        for place in range(length):
            own = generator.random() >= place / length
            whole = first if own else second
            texts.append(whole[int(place * len(whole) / length)])
        if _words(texts) >= 2 * LEAST_SIDE:
            out.append(Stream(one.group, texts, length // 2, _words(texts[: length // 2])))
    return out


def _part(texts: list[str], low: float, high: float) -> list[str]:
    """The sentences said between two shares of all words."""
    ends = np.cumsum([len(text.split()) for text in texts])
    return [text for text, end in zip(texts, ends, strict=True) if low * ends[-1] < end <= high * ends[-1]]


def _words(texts: Sequence[str]) -> int:
    return sum(len(text.split()) for text in texts)
