"""Near-duplicates among very many texts: MinHash over word shingles, looked up in bands, one pass, any order."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from zlib import adler32, crc32

import numpy as np

from pixel.knowledge.quality.defect import Defect, turns

PERMUTATIONS = 64
BANDS = 16
"""64 values in 16 bands of 4: a pair of Jaccard .7 meets in a band with probability .988, one of .2 with .025."""

_WORDS = re.compile(r"\w+(?:['’]\w+)*")
_ODD = np.uint64(0x9E3779B97F4A7C15)


def shingles(text: str, size: int = 3) -> np.ndarray:
    """
    Hashes of the runs of `size` words, lower case, punctuation aside; of all words where there are fewer.

    Returns:
        uint64 `[distinct runs]`, empty for a text without words. The hash is stable between processes.
    """
    words = [_hash(word) for word in _WORDS.findall(text.lower())]
    if not words:
        return np.empty(0, dtype=np.uint64)
    hashes, size = np.array(words, dtype=np.uint64), min(size, len(words))
    mixed = np.zeros(len(words) - size + 1, dtype=np.uint64)
    for place in range(size):  # unsigned arithmetic wraps around, which is what a hash wants
        mixed = (mixed + hashes[place : place + len(mixed)]) * _ODD
        mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed)


def jaccard(first: np.ndarray, second: np.ndarray) -> float:
    """Shared shingles over all shingles, in [0, 1]; two empty texts are not alike (0)."""
    shared = len(np.intersect1d(first, second, assume_unique=True))
    whole = len(first) + len(second) - shared
    return shared / whole if whole else 0.0


class NearDuplicates:
    r"""
    Says of each text whether an earlier one was nearly the same. Memory grows with the texts that were kept.

    The chance that two texts share a MinHash value is their Jaccard similarity
    :math:`J = |A \cap B| / |A \cup B|`; texts that share a band of such values are compared exactly.

    Args:
        threshold: Jaccard similarity from which on two texts are near-duplicates.
        size: words a shingle; 2 suits openings of a sentence or two, 3 whole conversations.

    Source: Broder, "On the resemblance and containment of documents", 1997; banding as in Leskovec, Rajaraman and
    Ullman, "Mining of Massive Datasets", chapter 3.

    Example:
        >>> seen = NearDuplicates()
        >>> seen.add("one", "I cannot sleep since my mother died."), seen.add("two", "I cannot sleep since my mother died!")
        (None, ('one', 1.0))
    """  # noqa: E501

    def __init__(self, threshold: float = 0.7, size: int = 3):
        self.threshold, self.size = threshold, size
        generator = np.random.default_rng(0)
        highest = np.iinfo(np.uint64).max
        self._times = generator.integers(0, highest, PERMUTATIONS, dtype=np.uint64) | np.uint64(1)
        self._plus = generator.integers(0, highest, PERMUTATIONS, dtype=np.uint64)
        self._bands: list[dict[bytes, list[int]]] = [{} for _ in range(BANDS)]
        self._kept: list[tuple[Any, np.ndarray]] = []

    def add(self, name: Any, text: str) -> tuple[Any, float] | None:
        """
        Look a text up and, unless it is a near-duplicate, remember it.

        Returns:
            name and similarity of the nearest earlier text at or above the threshold, or `None`. A text without words
            is nobody's duplicate.
        """
        own = shingles(text, self.size)
        if not len(own):
            return None
        keys = self._keys(own)
        met = {other for band, key in zip(self._bands, keys, strict=True) for other in band.get(key, ())}
        near = [(jaccard(own, self._kept[other][1]), -other) for other in met]
        best = max(near, default=(0.0, 0))
        if best[0] >= self.threshold:
            return self._kept[-best[1]][0], best[0]
        for band, key in zip(self._bands, keys, strict=True):
            band.setdefault(key, []).append(len(self._kept))
        self._kept.append((name, own))
        return None

    def _keys(self, own: np.ndarray) -> list[bytes]:
        values = (own[:, None] * self._times + self._plus).min(axis=0)  # multiply-shift, wrapping at 64 bits
        return [band.tobytes() for band in values.reshape(BANDS, -1)]


class DuplicateGate:
    """
    A gate with a memory: openings (the client's first turn) and whole conversations that came before.

    Kinds: `near_duplicate_opening`, `near_duplicate`. In several processes each remembers its own; `duplicate_share`
    over the joined set is the last word.
    """

    def __init__(self, opening: float = 0.7, whole: float = 0.7):
        self.openings, self.wholes = NearDuplicates(opening, 2), NearDuplicates(whole, 3)
        self._count = 0

    def __call__(self, conversation: Mapping[str, Any]) -> list[Defect]:
        self._count += 1
        name = conversation.get("id", self._count)
        found = []
        if (near := self.openings.add(name, opening(conversation))) is not None:
            found.append(Defect("near_duplicate_opening", _first(conversation), _like(near)))
        if (near := self.wholes.add(name, whole(conversation))) is not None:
            found.append(Defect("near_duplicate", None, _like(near)))
        return found


def opening(conversation: Mapping[str, Any]) -> str:
    """The client's first turn; empty if there is none."""
    return next((text for _, text in turns(conversation, "user")), "")


def whole(conversation: Mapping[str, Any]) -> str:
    """Everything said by client and therapist."""
    return "\n".join(text for role in ("user", "assistant") for _, text in turns(conversation, role))


def duplicate_share(texts: Iterable[str], threshold: float = 0.7, size: int = 2) -> float:
    """Share of texts that are near-duplicates of an earlier one, in [0, 1]; 0 for no texts."""
    seen, count, doubled = NearDuplicates(threshold, size), 0, 0
    for text in texts:
        doubled += seen.add(count, text) is not None
        count += 1
    return doubled / count if count else 0.0


def _first(conversation: Mapping[str, Any]) -> int | None:
    return next((index for index, _ in turns(conversation, "user")), None)


def _like(near: tuple[Any, float]) -> str:
    return f"shares {near[1]:.0%} of its word runs with conversation {near[0]}"


@lru_cache(maxsize=1 << 16)
def _hash(word: str) -> int:
    data = word.encode("utf-8", "surrogatepass")
    return (adler32(data) << 32 | crc32(data)) & 0xFFFFFFFFFFFFFFFF
