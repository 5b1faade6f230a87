"""Search an index: passages with a relevance in [0, 1], by meaning and by words."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pixel.knowledge.retrieval.adaptive import adaptive_k
from pixel.knowledge.retrieval.embedding import Encoder, require_same
from pixel.knowledge.retrieval.errors import RetrievalError
from pixel.knowledge.retrieval.fusion import Fusion
from pixel.knowledge.retrieval.manifest import REBUILD, Manifest, check, require
from pixel.knowledge.retrieval.mmr import diversify
from pixel.knowledge.retrieval.query_cache import QueryCache
from pixel.knowledge.retrieval.shard import Shard
from pixel.knowledge.retrieval.words import clean_query, understood, words

Found = tuple[str, str, float]
"""A passage's id, its text, and its relevance in [0, 1]."""


class PassageSearcher:
    """
    An index on disk, ready to search.

    Args:
        folder: what `build_index` made.
        encoder: embeds queries (default: the embedded MiniLM, loaded at the first query that is not cached).
        verify: compare every file's SHA-256 with the manifest (about a second a gigabyte). Missing and empty parts
            are noticed without it too.
        cache: keep embeddings of queries in this file as well (default: in memory only).
        shards: search only these, by position; `merge` joins what several machines found.

    Raises:
        RetrievalError: no index, a damaged one, a missing shard, or faiss or bm25s not installed; says the mend.

    Example:
        >>> searcher = PassageSearcher("outputs/index")  # doctest: +SKIP
        >>> searcher.search("I wake at four and cannot sleep again", k=3, floor=0.1)  # doctest: +SKIP
    """

    def __init__(
        self,
        folder: str | Path,
        encoder: Encoder | None = None,
        *,
        verify: bool = True,
        cache: str | Path | None = None,
        shards: Sequence[int] | None = None,
    ):
        self.folder, self._encoder, self._same = Path(folder), encoder, False
        self.manifest = Manifest.read(folder)
        if verify:
            require(self.folder, check(self.folder, self.manifest))
        chosen = self.manifest.shards if shards is None else [self.manifest.shards[number] for number in shards]
        self.shards = [_open(self.folder, shard) for shard in chosen]
        self.fusion = Fusion(**self.manifest.fusion)
        self.cache = QueryCache(self._embed, repr(self.manifest.probe), file=cache)
        self.encode = self.cache

    def __len__(self) -> int:
        """How many passages there are."""
        return sum(len(shard) for shard in self.shards)

    def search(
        self,
        query: str,
        k: int = 5,
        *,
        vector: np.ndarray | None = None,
        floor: float = 0.0,
        diversity: float = 1.0,
        adaptive: bool = False,
        use_words: bool = True,
    ) -> list[Found]:
        """
        The most relevant passages, best first (with `diversity` below 1: in the order they were chosen).

        Args:
            query: of any length; the first 20,000 characters count.
            k: how many at most.
            vector: the query's embedding, float32 `[size]` of length 1, if it is known already.
            floor: least relevance in [0, 1]. What a relevance means: see `Fusion`.
            diversity: lambda of maximal marginal relevance; 1 is relevance alone.
            adaptive: stop before a wide gap in relevance, so that fewer than `k` may come.
            use_words: also by words; without, by meaning alone.

        Raises:
            RetrievalError: an empty query, `k` below 1, a vector of another size, or an index of another encoder.
        """
        text = clean_query(query)
        if k < 1:
            raise RetrievalError(f"k is {k}", field="k", mend="ask for at least 1 passage")
        if vector is None:
            vector = self.encode(text)
        elif np.shape(vector) != (self.manifest.size,):
            problem = f"has shape {np.shape(vector)}, the index {self.manifest.size} dimensions"
            raise RetrievalError(problem, field="vector", mend="embed with the index's encoder")
        asked = words(text)
        wanted = k if diversity == 1.0 else 3 * k
        places, scores = [], []
        for number, shard in enumerate(self.shards):
            rows, cosines, lexical = shard.candidates(vector, asked, wanted, use_words)
            places += [(number, row) for row in rows.tolist()]
            scores.append(self.fusion.score(cosines, lexical, len(asked)))
        score = np.concatenate(scores)
        order = np.argsort(-score, kind="stable")[:wanted]
        share = max(understood(text, shard.lexical.vocabulary) for shard in self.shards)
        relevance = self.fusion.relevance(score[order], len(asked), share)
        if diversity != 1.0:
            vectors = np.stack([self.shards[n].vectors[row] for n, row in (places[i] for i in order)])
            chosen = diversify(relevance, vectors, k, diversity)
            order, relevance = order[chosen], relevance[chosen]
        if adaptive and diversity == 1.0:
            relevance = relevance[: adaptive_k(relevance)]
        found = []
        for place, value in zip(order, relevance.tolist(), strict=False):
            if value >= floor:
                number, row = places[place]
                found.append((*self.shards[number].row(row), value))
        return found

    def _embed(self, text: str) -> np.ndarray:
        if self._encoder is None:
            from pixel.text.sentence_encoder import default_encoder

            self._encoder = default_encoder()
        if not self._same:
            require_same(self._encoder, self.manifest.probe, self.folder)
            self._same = True
        return self._encoder.encode([text])[0]


def merge(found: Sequence[Sequence[Found]], k: int) -> list[Found]:
    """The `k` best of what several searchers (of different shards) found; relevance means the same in all."""
    return sorted((passage for passages in found for passage in passages), key=lambda passage: -passage[2])[:k]


def _open(folder: Path, shard: dict) -> Shard:
    path = folder / shard["name"]
    if not path.is_dir():
        raise RetrievalError(f"misses its shard {shard['name']}", file=folder, mend=f"restore it, or {REBUILD}")
    try:
        opened = Shard(path, shard["kind"])
    except RetrievalError:
        raise
    except Exception as error:  # each library has its own for a broken file
        problem = f"cannot be read ({type(error).__name__})"
        raise RetrievalError(problem, file=path, mend=f"restore it, or {REBUILD}") from error
    if not len(opened) == len(opened.vectors) == opened.dense.index.ntotal == opened.lexical.size == shard["rows"]:
        raise RetrievalError("has parts of different length", file=path, mend=f"restore it, or {REBUILD}")
    return opened
