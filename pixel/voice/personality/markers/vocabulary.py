"""Vocabulary: how rich and how long the words are, by measures that do not move with the length of a text."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from math import exp, lgamma

import numpy as np

from pixel.voice.personality.marker import markers_of
from pixel.voice.personality.words import words

WINDOW = 50
"""Words in the moving window of MATTR."""
FACTOR = 0.72
"""Type-token ratio at which MTLD closes a factor (McCarthy & Jarvis 2010)."""
DRAW = 42
"""Words in HD-D's imagined draw."""
LONG = 7
COMMONEST = 5.8
"""Zipf frequency that about 150 English words reach: function words mostly."""
LEAST_CONTENT = 20

MARKERS = markers_of("vocabulary")


def measure(text: str) -> dict[str, float | None]:
    """
    Name -> value; `None` where the text is too short for a measure (50 words for MATTR and MTLD, 42 for HD-D, 100 for
    `once_only`), and for `commonness` where the package wordfreq is not installed.
    """
    said = words(text)
    letters = [sum(letter.isalpha() for letter in word) for word in said]
    return {
        "mattr": mattr(said),
        "mtld": mtld(said),
        "hdd": hdd(said),
        "word_letters": float(np.mean(letters)) if said else None,
        "long_words": float(np.mean([n >= LONG for n in letters])) if said else None,
        "commonness": commonness(said),
        "once_only": once_only(said),
    }


def mattr(said: Sequence[str], window: int = WINDOW) -> float | None:
    """
    Mean share of different words in a window moved word by word; `None` below one window.

    Source: Covington & McFall, "Cutting the Gordian knot: the moving-average type-token ratio (MATTR)", Journal of
    Quantitative Linguistics 17, 2010.
    """
    if len(said) < window:
        return None
    inside, total = Counter(said[:window]), 0
    total += len(inside)
    for left, entering in zip(said, said[window:], strict=False):
        inside[entering] += 1
        inside[left] -= 1
        if not inside[left]:
            del inside[left]
        total += len(inside)
    return total / (len(said) - window + 1) / window


def mtld(said: Sequence[str], factor: float = FACTOR, least: int = WINDOW) -> float | None:
    """
    Mean length of stretches that keep a type-token ratio above `factor`, forwards and backwards, the unfinished
    stretch counted in part; `None` below `least` words.

    Source: McCarthy & Jarvis, "MTLD, vocd-D, and HD-D: a validation study", Behavior Research Methods 42, 2010.
    """
    if len(said) < least:
        return None
    return (_one_way(said, factor) + _one_way(said[::-1], factor)) / 2


def _one_way(said: Sequence[str], factor: float) -> float:
    factors, types, tokens = 0.0, set(), 0
    for word in said:
        types.add(word)
        tokens += 1
        if len(types) / tokens <= factor:
            factors, types, tokens = factors + 1, set(), 0
    if tokens:
        factors += (1 - len(types) / tokens) / (1 - factor)
    return len(said) / factors if factors else float(len(said))


def hdd(said: Sequence[str], draw: int = DRAW) -> float | None:
    r"""
    Expected share of different words in a random draw without putting back; `None` below `draw` words.

    .. math:: \frac{1}{d} \sum_w 1 - \binom{N - n_w}{d} / \binom{N}{d}

    Source: McCarthy & Jarvis 2007 and 2010 (HD-D, from the hypergeometric distribution).
    """
    total = len(said)
    if total < draw:
        return None
    missed = sum(
        exp(_log_choose(total - count, draw) - _log_choose(total, draw))
        for count in Counter(said).values()
        if total - count >= draw
    )
    return (len(set(said)) - missed) / draw


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def once_only(said: Sequence[str], stretch: int = 100) -> float | None:
    """Share of words said once only, mean over whole stretches of 100 words (it falls with length otherwise)."""
    parts = [said[start : start + stretch] for start in range(0, len(said) - stretch + 1, stretch)]
    if not parts:
        return None
    return float(np.mean([sum(n == 1 for n in Counter(part).values()) / stretch for part in parts]))


def commonness(said: Sequence[str]) -> float | None:
    """
    Mean Zipf frequency (log10 of uses in a thousand million words) of the words that are not among the
    150 or so commonest; words that the list does not know, mostly names, are left out. `None` without wordfreq or
    below 20 such words.

    Source: van Heuven et al., "SUBTLEX-UK", QJEP 67, 2014 (Zipf scale); wordfreq 3.1, English list.
    """
    frequency = frequencies()
    if frequency is None:
        return None
    zipf = [frequency(word) for word in said]
    zipf = [value for value in zipf if 0 < value < COMMONEST]
    return float(np.mean(zipf)) if len(zipf) >= LEAST_CONTENT else None


@cache
def frequencies():
    """Word -> Zipf frequency, or `None` where wordfreq is not installed."""
    try:
        import wordfreq
    except ModuleNotFoundError:
        return None
    return cache(lambda word: wordfreq.zipf_frequency(word, "en"))
