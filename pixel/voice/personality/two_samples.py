"""Two samples of one speaker's words: spread over the whole talk, or as far apart in time as they can be."""

from math import ceil

import numpy as np

from pixel.voice.personality.words import sentences, words

BLOCK = 50
"""Words, about, that stay together when a talk is dealt into two samples."""


def spread_samples(text: str, length: int) -> tuple[str, str] | None:
    """
    Deal blocks of about 50 words, evenly picked over the whole talk, to two samples in turn.

    Both samples go through the same topics: what they differ in is what so many words leave to chance.

    Args:
        text: one speaker's.
        length: words of a sample, about.

    Returns:
        two texts, or `None` where there are too few words.
    """
    blocks = _blocks(text)
    total = sum(len(words(block)) for block in blocks)
    if total < 2 * length:
        return None
    wanted = 2 * min(ceil(length / (total / len(blocks))), len(blocks) // 2)
    chosen = [blocks[place] for place in np.linspace(0, len(blocks) - 1, wanted).round().astype(int)]
    return " ".join(chosen[0::2]), " ".join(chosen[1::2])


def apart_samples(text: str, length: int) -> tuple[str, str] | None:
    """The first sentences with `length` words and the last ones, other topics mostly; `None` where they meet."""
    spoken = sentences(text)
    counts = np.array([len(words(sentence)) for sentence in spoken])
    first, last = np.cumsum(counts), np.cumsum(counts[::-1])
    if not len(counts) or first[-1] < length:
        return None
    head, tail = int(np.searchsorted(first, length)) + 1, int(np.searchsorted(last, length)) + 1
    if head + tail > len(spoken):
        return None
    return " ".join(spoken[:head]), " ".join(spoken[-tail:])


def _blocks(text: str) -> list[str]:
    out, block, count = [], [], 0
    for sentence in sentences(text):
        block.append(sentence)
        count += len(words(sentence))
        if count >= BLOCK:
            out.append(" ".join(block))
            block, count = [], 0
    return out
