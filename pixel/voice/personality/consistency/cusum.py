"""Listening to a voice as it comes: an alarm as soon as what is said no longer sounds like it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pixel.voice.personality.consistency.drift import LEAST, Curve, Vector
from pixel.voice.personality.consistency.drift_reference import DriftReference

SLACK = 0.5
"""Standard deviations that are forgiven a block."""
OPENING = 600
"""Words by which a voice is known before it is watched."""


class Heard(NamedTuple):
    """
    A block of some 300 words.

    Attributes:
        texts: how many texts were heard by its end.
        score: how much less alike the voice it is than its own talk usually is, in standard deviations.
        total: the sum of scores beyond the slack, never below 0.
        alarm: whether the sum has passed the limit.
    """

    texts: int
    score: float
    total: float
    alarm: bool


class DriftWatch:
    r"""
    A cumulative sum of how unlike the voice each further block is, :math:`S \leftarrow \max(0, S + z - k)`.

    Args:
        vector: a text's fingerprint.
        reference: what is usual; its `limit` is what the sum may reach.
        opening: texts the voice is known by; without, the first 600 words heard.

    Source: Page, "Continuous inspection schemes", Biometrika 41, 1954.

    Example:
        >>> watch = DriftWatch(fingerprint.vector, default_drift_reference())
        >>> alarms = [block for text in stream if (block := watch.hear(text)) and block.alarm]
    """

    def __init__(self, vector: Vector, reference: DriftReference, opening: Sequence[str] = ()):
        self.vector, self.reference = vector, reference
        self.known, self.block = list(opening), []
        self.own: np.ndarray | None = None
        self.texts, self.total = 0, 0.0

    def hear(self, text: str) -> Heard | None:
        """One more text; `None` until it completes a block. After an alarm the sum begins anew."""
        self.texts += 1
        if _words(self.known) < OPENING:
            self.known.append(text)
            return None
        self.block.append(text)
        if _words(self.block) < LEAST:
            return None
        if self.own is None:
            self.own = self.vector(" ".join(self.known))
        new = self.vector(" ".join(self.block))
        lengths = np.array([_words(self.known)]), np.array([_words(self.block)])
        score = float(self.reference.score(np.array([self.own @ new]), *lengths)[0])
        self.block, self.total = [], max(0.0, self.total + score - SLACK)
        heard = Heard(self.texts, score, self.total, self.total > self.reference.limit)
        if heard.alarm:
            self.total = 0.0
        return heard


def blocks(texts: Sequence[str], vector: Vector) -> Curve:
    """
    A whole stream as `DriftWatch` hears it.

    Returns:
        `Curve` of blocks: `place` is how many texts were heard by the end of each, `left` the words the voice is known
        by and `right` those of the block.
    """
    known, block, found = [], [], []
    own: np.ndarray | None = None
    for heard, text in enumerate(texts, start=1):
        if own is None:
            known.append(text)
            own = vector(" ".join(known)) if _words(known) >= OPENING else None
            continue
        block.append(text)
        if _words(block) >= LEAST:
            found.append((heard, float(own @ vector(" ".join(block))), _words(known), _words(block)))
            block = []
    rows = np.array(found, dtype=float).reshape(-1, 4)
    return Curve(rows[:, 0].astype(int), rows[:, 1], rows[:, 2], rows[:, 3])


def totals(scores: Sequence[float]) -> np.ndarray:
    """The sums after each block, without beginning anew."""
    out, total = [], 0.0
    for score in scores:
        total = max(0.0, total + score - SLACK)
        out.append(total)
    return np.array(out)


def _words(texts: Sequence[str]) -> int:
    return sum(len(text.split()) for text in texts)
