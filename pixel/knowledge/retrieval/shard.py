"""One shard of an index: passages, their vectors, a vector index and a word index, all memory-mapped."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

import numpy as np

from pixel.knowledge.retrieval.dense import SPARE, DenseIndex
from pixel.knowledge.retrieval.lexical import LexicalIndex, best_rows


class Shard:
    """
    Args:
        folder: what `write_shard` made.
        kind: the vector index's.

    Attributes:
        vectors: float32 `[rows, size]`, on disk.
    """

    def __init__(self, folder: str | Path, kind: str):
        from datasets import load_from_disk

        folder = Path(folder)
        self.passages = load_from_disk(str(folder / "passages"))
        table = self.passages.data.table
        self._ids, self._texts = table.column("id").chunks, table.column("text").chunks
        self._ends = list(accumulate(len(chunk) for chunk in self._ids))
        self.vectors = np.load(folder / "vectors.npy", mmap_mode="r")
        self._vectors = self.vectors.view(np.ndarray)  # a memmap's own indexing is slower
        self.dense = DenseIndex.load(folder / "dense.faiss", kind)
        self.lexical = LexicalIndex.load(folder / "words")

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def row(self, number: int) -> tuple[str, str]:
        """(id, text)."""
        place = bisect_right(self._ends, number)
        number -= self._ends[place - 1] if place else 0
        return self._ids[place][number].as_py(), self._texts[place][number].as_py()

    def hashes(self) -> dict[str, str]:
        """id -> SHA-256 of its text."""
        return dict(zip(self.passages["id"], self.passages["hash"], strict=True))

    def candidates(
        self, vector: np.ndarray, query: Sequence[str], count: int, use_words: bool = True
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """
        The best passages by either index, each with both scores.

        Args:
            vector: float32 `[size]`, length 1.
            query: its words.
            count: how many are wanted in the end; each index is asked for more.
            use_words: look words up at all.

        Returns:
            rows int64, cosines and lexical scores float32, `[candidates]` each.
        """
        rows = self.dense.search(vector, SPARE * count)
        if not (use_words and query):
            return rows, self._vectors[rows] @ vector, np.zeros(len(rows), dtype=np.float32)
        scores = self.lexical.scores(query)
        rows = np.array(list(dict.fromkeys(rows.tolist() + best_rows(scores, SPARE * count).tolist())))
        return rows, self._vectors[rows] @ vector, scores[rows]


def write_shard(
    folder: Path, ids: Sequence[str], texts: Sequence[str], hashes: Sequence[str], vectors: np.ndarray
) -> str:
    """
    Write the four parts.

    Args:
        folder: made; what is there is overwritten.
        ids, texts, hashes: of the passages.
        vectors: float32 `[passages, size]`.

    Returns:
        the vector index's kind.
    """
    from datasets import Dataset

    folder.mkdir(parents=True, exist_ok=True)
    table = Dataset.from_dict({"id": list(ids), "text": list(texts), "hash": list(hashes)})
    np.save(folder / "vectors.npy", np.asarray(vectors, dtype=np.float32))
    with _quiet():
        table.save_to_disk(str(folder / "passages"))
        dense = DenseIndex.build(np.load(folder / "vectors.npy", mmap_mode="r"))
    dense.save(folder / "dense.faiss")
    LexicalIndex.build(texts).save(folder / "words")
    return dense.kind


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the bars of `datasets`, a moment each."""
    import datasets

    shown = datasets.is_progress_bar_enabled()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            datasets.enable_progress_bars()
