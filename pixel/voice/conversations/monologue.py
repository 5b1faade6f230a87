"""A talk in passages: cut where the words of one topic give way to those of the next."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pixel.voice.conversations.turns import Turn

LEAST_WORDS, MOST_WORDS = 40, 220
"""Of a passage."""
BLOCK = 3
"""Sentences on either side of a gap that are compared."""
_SENTENCE = re.compile(r".+?(?:[.?!…]+[\"'”’)]*(?=\s|$)|$)", re.S)
_TITLES = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|e\.g|i\.e)\.$")


@dataclass(frozen=True)
class Sentence:
    """A sentence with the seconds at which it begins and ends (by its share of its segment's letters)."""

    text: str
    start: float
    end: float

    @property
    def words(self) -> int:
        """Number of words."""
        return len(self.text.split())


@dataclass(frozen=True)
class Passage:
    """
    A stretch of a talk about one thing.

    Attributes:
        sentences: in order.
        speaker: of the file.
        segments: ids of the segments of its turn.
    """

    sentences: tuple[Sentence, ...]
    speaker: str
    segments: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All sentences."""
        return " ".join(one.text for one in self.sentences)

    @property
    def words(self) -> int:
        """Number of words."""
        return sum(one.words for one in self.sentences)

    @property
    def start(self) -> float:
        """Seconds from the start of the file."""
        return self.sentences[0].start

    @property
    def end(self) -> float:
        """Seconds from the start of the file."""
        return self.sentences[-1].end


def sentences(turn: Turn) -> list[Sentence]:
    """
    The sentences of a turn. Each gets the time of its letters, as if each segment were spoken at one pace.

    Example:
        >>> [one.text for one in sentences(Turn("S1", 0.0, 2.0, "Ask Dr. Who. Why not?"))]
        ['Ask Dr. Who.', 'Why not?']
    """
    found: list[tuple[int, int]] = []
    for match in _SENTENCE.finditer(turn.text):
        if not match.group().strip():
            continue
        if found and _TITLES.search(turn.text[found[-1][0] : found[-1][1]]):
            found[-1] = (found[-1][0], match.end())
        else:
            found.append(match.span())
    out = []
    for a, b in found:
        said = turn.text[a:b].strip()
        first = a + turn.text[a:b].index(said)
        out.append(Sentence(said, turn.at(first), turn.at(first + len(said))))
    return out


def passages(turns: Sequence[Turn], encoder, least: int = LEAST_WORDS, most: int = MOST_WORDS) -> list[Passage]:
    """
    Passages of `least` to `most` words, by TextTiling over sentence embeddings.

    At every gap between sentences the mean embeddings of the `BLOCK` sentences before and after are compared; the
    depth of a gap is how far its similarity lies below the peaks on either side. Gaps deeper than the mean less half a
    standard deviation are boundaries, the deepest first, as long as no passage gets shorter than `least`. What is
    longer than `most` is cut at its deepest gap. A question at the end of a passage opens the next one. A turn with
    fewer than `least` words gives none; a single sentence may be longer than `most`.

    Args:
        turns: of one speaker, in order; a passage never spans two of them.
        encoder: with `encode(texts) -> [n, size]`, each of length 1.

    Source: Hearst, "TextTiling", Computational Linguistics 23, 1997; embeddings in place of word counts.
    """
    out: list[Passage] = []
    for turn in turns:
        said = sentences(turn)
        if sum(one.words for one in said) < least:
            continue
        cuts = boundaries(said, encoder, least, most)
        cuts = sorted({_before_question(said, cut) for cut in cuts} | {0, len(said)})
        pieces = [tuple(said[a:b]) for a, b in zip(cuts, cuts[1:], strict=False)]
        out += [piece for piece in (Passage(one, turn.speaker, turn.segments) for one in pieces)
                if piece.words >= least]  # fmt: skip
    return out


def boundaries(said: Sequence[Sentence], encoder, least: int = LEAST_WORDS, most: int = MOST_WORDS) -> list[int]:
    """Numbers of the sentences that begin a new passage; see `passages`."""
    if len(said) < 2:
        return []
    depth = depths(np.asarray(encoder.encode([one.text for one in said])))
    length = np.concatenate([[0], np.cumsum([one.words for one in said])])
    cutoff = depth.mean() - depth.std() / 2
    chosen = [0, len(said)]
    for gap in sorted(range(1, len(said)), key=lambda gap: (-depth[gap - 1], gap)):
        if depth[gap - 1] > cutoff and _fits(gap, chosen, length, least):
            chosen = sorted([*chosen, gap])
    while long := [(a, b) for a, b in zip(chosen, chosen[1:], strict=False) if length[b] - length[a] > most]:
        a, b = next(((a, b) for a, b in long if b - a > 1), (0, 0))
        inside = [gap for gap in range(a + 1, b) if _fits(gap, chosen, length, least)] or list(range(a + 1, b))
        if not inside:
            break  # sentences that are too long by themselves
        chosen = sorted([*chosen, max(inside, key=lambda gap: depth[gap - 1])])
    return chosen[1:-1]


def depths(vectors: np.ndarray, block: int = BLOCK) -> np.ndarray:
    """
    How deep each gap lies.

    Args:
        vectors: `[sentences, size]`, at least two.
        block: sentences on either side.

    Returns:
        float `[sentences - 1]`, at least 0: sum of the climbs to the nearest peaks on the left and on the right.
    """
    count = len(vectors)
    alike = np.empty(count - 1)
    for gap in range(1, count):
        before, after = vectors[max(0, gap - block) : gap].mean(0), vectors[gap : gap + block].mean(0)
        norm = float(np.linalg.norm(before) * np.linalg.norm(after))
        alike[gap - 1] = float(before @ after) / norm if norm > 0 else 0.0
    out = np.empty(count - 1)
    for gap in range(count - 1):
        left = right = gap
        while left > 0 and alike[left - 1] >= alike[left]:
            left -= 1
        while right < count - 2 and alike[right + 1] >= alike[right]:
            right += 1
        out[gap] = alike[left] + alike[right] - 2 * alike[gap]
    return out


def _fits(gap: int, chosen: Sequence[int], length: np.ndarray, least: int) -> bool:
    """Whether a cut leaves at least `least` words on either side."""
    before = max(one for one in chosen if one <= gap)
    after = min(one for one in chosen if one >= gap)
    return length[gap] - length[before] >= least and length[after] - length[gap] >= least


def _before_question(said: Sequence[Sentence], cut: int) -> int:
    """A boundary moved before a question that stands at the end of a passage: it belongs to what answers it."""
    return cut - 1 if cut > 1 and said[cut - 1].text.endswith("?") else cut
