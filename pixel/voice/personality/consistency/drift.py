"""Where in a stream of talk the voice becomes another one: by a change of speaker, or a drift."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from pixel.voice.personality.consistency.drift_reference import DriftReference

LEAST = 300
"""Words on either side of a place that is looked at."""
STEP = 60
"""Words between two places that are looked at."""
REACH = 1500
"""Words that are looked at on either side; older ones say nothing of a change here."""

Vector = Callable[[str], np.ndarray]


class Curve(NamedTuple):
    """
    A stream, cut at one place after another.

    Attributes:
        place: int `[places]`, index of the first text after the cut.
        cosine: of the fingerprints of what was said before and after it.
        left, right: words that these rest on.
    """

    place: np.ndarray
    cosine: np.ndarray
    left: np.ndarray
    right: np.ndarray


class Change(NamedTuple):
    """
    Where a stream changes most.

    Attributes:
        place: index of the first text of the new voice.
        word: words before it.
        score: standard deviations by which its two sides are less alike than one speaker's usually are.
        p: share of streams as long, by one speaker, in which some place scores as high.
    """

    place: int
    word: int
    score: float
    p: float


def curve(texts: Sequence[str], vector: Vector, least: int = LEAST, step: int = STEP, reach: int = REACH) -> Curve:
    """
    Likeness of the two sides of every place, about `step` words apart, that leaves `least` words on both.

    Args:
        texts: what was said, in order; cuts are made between texts, so give sentences or utterances.
        vector: a text's fingerprint, of length 1; `Fingerprint.vector` or the like.
        least, step, reach: in words.

    Returns:
        `Curve`, empty where the stream has fewer than twice `least` words.
    """
    counts = np.array([len(text.split()) for text in texts], dtype=int)
    before = np.r_[0, np.cumsum(counts)]
    found, last = [], -step
    for place in range(1, len(texts)):
        if before[place] < least or before[-1] - before[place] < least or before[place] - last < step:
            continue
        last = int(before[place])
        first = int(np.searchsorted(before, before[place] - reach, side="left"))
        end = int(np.searchsorted(before, before[place] + reach, side="right")) - 1
        first, end = _wide_enough(before, place, first, end, least)
        sides = vector(" ".join(texts[first:place])), vector(" ".join(texts[place:end]))
        found.append((place, float(sides[0] @ sides[1]), before[place] - before[first], before[end] - before[place]))
    rows = np.array(found, dtype=float).reshape(-1, 4)
    return Curve(rows[:, 0].astype(int), rows[:, 1], rows[:, 2], rows[:, 3])


def most_changed(
    texts: Sequence[str], vector: Vector | None, reference: DriftReference, given: Curve | None = None
) -> Change | None:
    """
    The place where a stream changes most, with the share of unchanged streams that look as changed.

    Args:
        texts, vector: see `curve`.
        reference: what is usual, fitted with the same `vector`.
        given: `curve(texts, vector)`, where it is there already; `vector` may then be `None`.

    Returns:
        `None` below twice 300 words.
    """
    found = curve(texts, vector) if given is None else given
    if not len(found.place):
        return None
    scores = reference.score(found.cosine, found.left, found.right)
    best = int(scores.argmax())
    place = int(found.place[best])
    word = sum(len(text.split()) for text in texts[:place])
    return Change(place, word, float(scores[best]), reference.p_value(float(scores[best]), len(scores)))


def changes(
    texts: Sequence[str], vector: Vector, reference: DriftReference, alpha: float = 0.05, step: int = STEP
) -> list[Change]:
    """
    All changes of a stream, in order: the strongest first, then those of its two parts, until none is unusual.

    Args:
        texts, vector, reference: see `most_changed`.
        alpha: most that p may be; divided by the number of parts looked at so far, so that a stream by one speaker
            raises an alarm with about this chance.
        step: see `curve`.

    Source: Vostrikova, "Detecting disorder in multidimensional random processes", Soviet Mathematics Doklady 24, 1981
    (binary segmentation).
    """
    found, parts, looked = [], [(0, list(texts))], 0
    while parts:
        start, part = parts.pop(0)
        looked += 1
        change = most_changed(part, vector, reference, curve(part, vector, step=step))
        if change is None or change.p > alpha / looked:
            continue
        before = sum(len(text.split()) for text in texts[:start])
        found.append(change._replace(place=start + change.place, word=before + change.word))
        parts += [(start, part[: change.place]), (start + change.place, part[change.place :])]
    return sorted(found)


def _wide_enough(before: np.ndarray, place: int, first: int, end: int, least: int) -> tuple[int, int]:
    """Sides of at least `least` words, however long the texts are."""
    while before[place] - before[first] < least:
        first -= 1
    while before[end] - before[place] < least:
        end += 1
    return first, end
