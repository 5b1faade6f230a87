"""Samples of AMI's speakers under fingerprints that never met their group, and the pairs calibration rests on."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from pixel.voice.personality.consistency.drift import Vector
from pixel.voice.personality.consistency.likeness import profile
from pixel.voice.personality.consistency.samples import WORDS
from pixel.voice.personality.fingerprint.ami import Speaker, cut, folds_of

FOLDS = 5
SIZES = (1, 2, 3)
"""Samples on either side of a pair."""
Fit = Callable[[Sequence[Speaker]], Vector]


class Known(NamedTuple):
    """A speaker in a meeting with the fingerprints of the samples, `[samples, size]`, and the fold it is in."""

    group: str
    meeting: str
    channel: str
    vectors: np.ndarray
    texts: list[str]
    fold: int


class Pairs(NamedTuple):
    """Parts of talk in one meeting: cosine, words of either, whether one person spoke both, group and fold."""

    cosine: np.ndarray
    words: np.ndarray
    others: np.ndarray
    same: np.ndarray
    group: np.ndarray
    fold: np.ndarray


def learned(speakers: Sequence[Speaker]) -> Fit:
    """How the fingerprint that ships is fitted; what all these speakers said is counted only once."""
    from pixel.voice.personality.fingerprint.fitting import Pieces, Settings, fit

    settings = Settings()
    pieces = Pieces(speakers, settings)
    return lambda some: fit(some, settings, pieces).vector


def unseen(speakers: Sequence[Speaker], fit: Fit, seed: int = 0, folds: int = FOLDS) -> list[Known]:
    """Every speaker with a sample of 300 words or more, under a fingerprint fitted on the other folds' groups."""
    place, out = folds_of([one.group for one in speakers], folds, seed), []
    for number in range(folds):
        vector = fit([one for one in speakers if place[one.group] != number])
        for one in speakers:
            texts = cut(one.text, WORDS)
            if place[one.group] == number and texts:
                vectors = np.array([vector(text) for text in texts])
                out.append(Known(one.group, one.meeting, one.channel, vectors, texts, number))
    return out


def pairs_of(known: Sequence[Known], sizes: Sequence[int] = SIZES, seed: int = 0) -> Pairs:
    """
    Random parts of `sizes` samples each, by one speaker and by two of the same meeting, none used on both sides.

    Args:
        known: speakers of any number of meetings.
        sizes: numbers of samples on either side; every combination is drawn.
        seed: of the draws.
    """
    generator, rows = np.random.default_rng(seed), []
    meetings: dict[str, list[Known]] = {}
    for one in known:
        meetings.setdefault(one.meeting, []).append(one)
    for present in meetings.values():
        for one in present:
            for first in sizes:
                for second in sizes:
                    if len(one.vectors) >= first + second:
                        drawn = generator.permutation(len(one.vectors))
                        left, right = one.vectors[drawn[:first]], one.vectors[drawn[first : first + second]]
                        rows.append((_cosine(left, right), first, second, True, one.group, one.fold))
                    for other in present:
                        if other is not one and len(one.vectors) >= first and len(other.vectors) >= second:
                            left = one.vectors[generator.permutation(len(one.vectors))[:first]]
                            right = other.vectors[generator.permutation(len(other.vectors))[:second]]
                            rows.append((_cosine(left, right), first, second, False, one.group, one.fold))
    cosine, first, second, same, group, fold = (np.array(column) for column in zip(*rows, strict=True))
    return Pairs(cosine, first * WORDS, second * WORDS, same, group, fold)


def _cosine(left: np.ndarray, right: np.ndarray) -> float:
    return float(profile(left) @ profile(right))
