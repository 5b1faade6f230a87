"""Surface of some replies in numbers: order of small words, repetition, sentences, marks. Not total length."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from pixel.text.style_vector import SMALL

FEATURES = (
    "order", "repeated", "distinct", "openings", "sentence", "sentence_spread", "small", "word_length", "contractions",
    "commas", "ends", "exclamations", "questions", "i", "you", "symbols", "capitals",
)  # fmt: skip
_CLASSES = {word: number for number, word in enumerate(sorted(SMALL - {"'"}))}
OTHER = len(_CLASSES)
EDGE = OTHER + 1
SIZE = OTHER + 2
"""Classes of tokens: every small word its own, all other words one, and the edge of a reply."""
_TOKENS = re.compile(r"[a-z0-9]+(?:'[a-z]+)*|[.,?!]")
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")


def classes(reply: str) -> list[int]:
    """Classes of a reply's tokens, with an edge at either end."""
    tokens = _TOKENS.findall(reply.lower().replace("’", "'"))
    return [EDGE, *(_CLASSES.get(token, OTHER) for token in tokens), EDGE]


def order_table(replies: Sequence[str]) -> np.ndarray:
    r"""
    Float16 `[SIZE, SIZE]`: how much oftener one class follows another than it would by chance,

    .. math:: \log \frac{n(a, b) + 0.5 e(a, b) + 0.1}{1.5 e(a, b) + 0.1}, \quad e(a, b) = n(a) n(b) / N

    drawn towards 0 where little was seen.
    """
    counts = np.zeros((SIZE, SIZE))
    for reply in replies:
        found = classes(reply)
        np.add.at(counts, (found[:-1], found[1:]), 1)
    total = max(1.0, counts.sum())
    expected = counts.sum(1, keepdims=True) * counts.sum(0, keepdims=True) / total
    return np.log((counts + 0.5 * expected + 0.1) / (1.5 * expected + 0.1)).astype(np.float16)


def text_marks(replies: Sequence[str], table: np.ndarray) -> np.ndarray | None:
    """
    Float `[17]` in the order of `FEATURES`: mean of `table` over neighbours; share of runs of three words that were
    there before; distinct words for so many; share of replies that open with the same two words as another; words a
    sentence (logarithm), their spread; share of small words; letters a word; contractions, commas, ends of sentences
    and exclamation marks a word; share of sentences that ask; `i` and `you` a word; other marks a character; capitals
    a letter.

    Returns:
        `None` where there are no words.
    """
    tokens = [_TOKENS.findall(reply.lower().replace("’", "'")) for reply in replies]
    spoken = [[token for token in one if token[0].isalnum()] for one in tokens]
    flat = [word for one in spoken for word in one]
    if not flat:
        return None
    text, count = "\n".join(replies), len(flat)
    follow = [float(table[a, b]) for reply in replies for a, b in _neighbours(classes(reply))]
    runs = Counter(tuple(one[start : start + 3]) for one in spoken for start in range(len(one) - 2))
    openings = Counter(tuple(one[:2]) for one in spoken if one)
    lengths = np.array([n for s in _SENTENCES.split(text) if (n := len(re.findall(r"\w+", s)))] or [count])
    sentences = len(lengths)
    letters = sum(character.isalpha() for character in text)
    return np.array(
        [
            np.mean(follow),
            sum(n - 1 for n in runs.values()) / max(1, sum(runs.values())),
            len(set(flat)) / count**0.8,
            sum(n - 1 for n in openings.values()) / max(1, sum(openings.values())),
            np.log(lengths.mean()),
            lengths.std() / lengths.mean(),
            sum(word in _CLASSES for word in flat) / count,
            np.mean([len(word) for word in flat]),
            sum("'" in word for word in flat) / count,
            text.count(",") / count,
            text.count(".") / count,
            text.count("!") / count,
            text.count("?") / sentences,
            sum(word.split("'")[0] == "i" for word in flat) / count,
            sum(word.split("'")[0] in ("you", "your") for word in flat) / count,
            sum(not (c.isalnum() or c.isspace() or c in ".,?!'’") for c in text) / len(text),
            sum(character.isupper() for character in text) / max(1, letters),
        ]
    )


def _neighbours(found: list[int]) -> zip:
    return zip(found, found[1:], strict=False)
