"""The style reference on AMI's meetings: fitted on some groups of people, tried on pairs of pieces of the others."""

from collections.abc import Sequence

import numpy as np

from pixel.text.style_vector import StyleReference
from pixel.voice.personality.fingerprint.ami import PIECES, Pairs, Speaker, cut, folds, pairs


def reference_of(speakers: Sequence[Speaker], words: int = 300) -> StyleReference:
    """What is usual among speakers."""
    return StyleReference.fit([piece for one in speakers for piece in cut(one.text, words, PIECES)])


def unseen_pairs(speakers: Sequence[Speaker], words: int, count: int = 5, seed: int = 0) -> Pairs:
    """`pairs` of each of `count` folds of groups under a reference of the others."""
    found = [
        pairs(held_out, words, reference_of(known, words).vector) for known, held_out in folds(speakers, count, seed)
    ]
    return Pairs(*(np.concatenate(column) for column in zip(*found, strict=True)))
