"""The word index of a shard: BM25 scores of its passages, and the best of them, without sorting them all."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pixel.knowledge.retrieval.extras import load_bm25s
from pixel.knowledge.retrieval.words import words

MOST_WORDS = 64
"""Words of a query that are looked up: the rarest."""

_BLOCK = 64


class LexicalIndex:
    r"""
    BM25 over a shard, the scores computed by `bm25s` when it is built.

    A passage's lexical score is its BM25 score over what the query's words could give at most,

    .. math:: \frac{\sum_{w \in q} \mathrm{bm25}(w, d)}{\sum_{w \in q} \log(1 + \frac{N - n_w + .5}{n_w + .5})}
        \in [0, 1),

    with :math:`n_w` the passages that have the word (0 for an unknown one), so it means the same for every query:
    the share of the query's information that the passage carries.

    Source: Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009; Lù, "BM25S", 2024.

    Example:
        >>> index = LexicalIndex.build(["Exposure for a phobia.", "Sleep hygiene."])
        >>> int(index.scores(["phobia"]).argmax())
        0
    """

    def __init__(self, index):
        self._index = index
        self.vocabulary: dict[str, int] = index.vocab_dict
        # views as plain arrays: a memmap's own indexing is slower
        self._data, self._rows, starts = (np.asarray(index.scores[key]) for key in ("data", "indices", "indptr"))
        self._starts = starts.tolist()
        self.size = int(index.scores["num_docs"])

    @classmethod
    def build(cls, texts: Sequence[str]) -> "LexicalIndex":
        """
        Args:
            texts: passages in the order of the shard. One without any word is never found.
        """
        bm25s = load_bm25s()
        index = bm25s.BM25()
        rows = [words(text) for text in texts]
        if not any(rows):
            rows = [*rows[:-1], ["-"]]  # bm25s wants one word at least; no query has this one
        index.index(rows, create_empty_token=False, show_progress=False)
        return cls(index)

    def save(self, folder: str | Path) -> None:
        """Write bm25s's own files into `folder`."""
        self._index.save(str(folder), show_progress=False)

    @classmethod
    def load(cls, folder: str | Path) -> "LexicalIndex":
        """Read what `save` wrote; the scores stay on disk, memory-mapped."""
        return cls(load_bm25s().BM25.load(str(folder), mmap=True))

    def scores(self, query: Sequence[str]) -> np.ndarray:
        """
        Lexical scores of all passages.

        Args:
            query: its words (`words(text)`); of more than 64 different ones the rarest are looked up.

        Returns:
            float32 `[passages]` in [0, 1).
        """
        found, out = self._terms(query), np.zeros(self.size, dtype=np.float32)
        for term in found:
            if term >= 0:
                span = slice(self._starts[term], self._starts[term + 1])
                out[self._rows[span]] += self._data[span]
        total = sum(self._information(term) for term in found)
        return out / np.float32(total) if total else out

    def _terms(self, query: Sequence[str]) -> list[int]:
        terms = [self.vocabulary.get(word, -1) for word in dict.fromkeys(query)]
        if len(terms) <= MOST_WORDS:
            return terms
        return sorted(terms, key=self._frequency)[:MOST_WORDS]

    def _frequency(self, term: int) -> int:
        return self._starts[term + 1] - self._starts[term] if term >= 0 else 0

    def _information(self, term: int) -> float:
        count = self._frequency(term)
        return math.log1p((self.size - count + 0.5) / (count + 0.5))


def best_rows(scores: np.ndarray, count: int) -> np.ndarray:
    """
    Rows of the `count` highest scores above zero, in no order.

    Exact and quick on long arrays: the highest `count` lie in the `count` blocks of 64 with the highest maxima.

    Args:
        scores: float `[rows]`.
        count: at least 1.

    Returns:
        int64 `[at most count]`.
    """
    rows = np.arange(len(scores))
    if len(scores) > 2 * _BLOCK * count:
        whole = len(scores) // _BLOCK * _BLOCK
        maxima = scores[:whole].reshape(-1, _BLOCK).max(1)
        blocks = np.argpartition(-maxima, count)[:count]
        rows = np.concatenate([(blocks[:, None] * _BLOCK + np.arange(_BLOCK)).ravel(), np.arange(whole, len(scores))])
        scores = scores[rows]
    if len(rows) > count:
        chosen = np.argpartition(-scores, count)[:count]
        rows, scores = rows[chosen], scores[chosen]
    return rows[scores > 0]
