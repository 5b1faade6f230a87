"""Authenticity: do texts that claim a voice sound like it, and more so than like other voices?"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pixel.voice.personality.consistency.drift import Vector
from pixel.voice.personality.consistency.likeness import Likeness, profile
from pixel.voice.personality.consistency.samples import WORDS
from pixel.voice.personality.fingerprint.ami import cut


class Voice(NamedTuple):
    """
    Attributes:
        vector: the mean of its samples' fingerprints, of length 1.
        words: that it rests on.
    """

    vector: np.ndarray
    words: int


class Authenticity(NamedTuple):
    """
    Attributes:
        cosine: of the texts, taken together, with the voice.
        probability: that its speaker spoke them, where before looking both are equally likely.
        rank: 1 where no other voice is nearer; `of`: how many voices were compared.
        margin: cosine less that of the nearest other voice; `None` without others.
        nearest: the voice that is nearest.
        words: of the texts.
    """

    cosine: float
    probability: float
    rank: int
    of: int
    margin: float | None
    nearest: str
    words: int

    def as_row(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in self._asdict().items()}


def voice(texts: Sequence[str], vector: Vector, words: int = WORDS) -> Voice:
    """
    A voice from what was said, cut into samples of 300 words.

    Raises:
        ValueError: fewer words than one sample has.
    """
    whole = " ".join(texts)
    pieces = cut(whole, words)
    if not pieces:
        raise ValueError(f"{len(whole.split())} words are too few to know a voice by. Mend: give {words} or more")
    return Voice(profile([vector(piece) for piece in pieces]), len(pieces) * words)


def authenticity(
    texts: Sequence[str], claimed: str, voices: Mapping[str, Voice], vector: Vector, likeness: Likeness
) -> Authenticity | None:
    """
    How like the voice it claims a speaker's talk is: e.g. all replies of generated conversations in that voice.

    It hears habits of wording, not what is said, and knows voices by words alone. Text of another make (edited, or by
    another transcriber) is unlike its own voice for that reason alone.

    Args:
        texts: in the claimed voice.
        claimed: its name among `voices`.
        voices: name -> `voice`, the claimed one and any others.
        vector: a text's fingerprint.
        likeness: from cosine to probability, for that fingerprint.

    Returns:
        `None` below 300 words.

    Raises:
        KeyError: nobody is called so.
    """
    if claimed not in voices:
        raise KeyError(f"no voice is called {claimed!r}. Mend: one of {', '.join(sorted(voices))}")
    words = len(" ".join(texts).split())
    if words < WORDS:
        return None
    own = voice(texts, vector)
    cosines = {name: float(own.vector @ one.vector) for name, one in voices.items()}
    here = cosines.pop(claimed)
    best = max(cosines, key=lambda name: cosines[name]) if cosines else None
    return Authenticity(
        here,
        float(likeness.probability(here, own.words, voices[claimed].words)),
        1 + sum(value > here for value in cosines.values()),
        len(voices),
        None if best is None else here - cosines[best],
        claimed if best is None or here >= cosines[best] else best,
        words,
    )
