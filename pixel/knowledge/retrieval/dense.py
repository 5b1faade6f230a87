"""The vector index of a shard: which kind for how many vectors, building it, asking it, and how much it finds."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pixel.knowledge.retrieval.extras import load_faiss

FLAT_UP_TO = 20_000
"""Vectors that are compared one by one; above, a graph is quicker."""

GRAPH_UP_TO = 2_000_000
"""Vectors in a graph; above, its links and its building time count, and lists (IVF) take over."""

EF_CONSTRUCTION, PROBES = 100, 64
EF_SEARCH = {200_000: 96, GRAPH_UP_TO: 256}
"""Nodes a search of a graph looks at, by the graph's size: 96 find .978 of 100,000 and .920 of 1,000,000."""

SPARE = 3
"""The index is asked for so many times the passages wanted; the exact cosines then choose among them."""


@dataclass(frozen=True)
class DenseIndex:
    """
    A FAISS index over vectors that lie on disk.

    The index holds them in half precision (flat) or 8 bits (graph, lists): that is what a query reads, and halves or
    quarters its memory. Exact cosines of what it finds come from the full vectors.

    Args:
        index: a FAISS index of inner products.
        kind: `SQfp16`, `HNSW32,SQ8` or `IVF...,SQ8` (FAISS's factory names).

    Source: Malkov & Yashunin (HNSW), TPAMI 2020; Douze et al., "The Faiss library", 2024.
    """

    index: object
    kind: str

    @classmethod
    def build(cls, vectors: np.ndarray, kind: str | None = None) -> "DenseIndex":
        """
        Args:
            vectors: float32 `[rows, size]`, length 1; may be memory-mapped.
            kind: a factory name; chosen by the number of rows if not given.
        """
        from datasets import Dataset

        kind = kind or choose_kind(len(vectors))
        faiss = load_faiss()
        index = faiss.index_factory(vectors.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
        if kind.startswith("HNSW"):
            index.hnsw.efConstruction = EF_CONSTRUCTION
        sample = np.linspace(0, len(vectors) - 1, min(len(vectors), 262_144)).astype(int)
        index.train(np.ascontiguousarray(vectors[sample]))
        rows = Dataset.from_dict({"row": np.arange(len(vectors))})
        rows.add_faiss_index_from_external_arrays(vectors, "vectors", custom_index=index, batch_size=8192)
        return cls(_tuned(rows.get_index("vectors").faiss_index), kind)

    def save(self, file: str | Path) -> None:
        """Write it in FAISS's format; `datasets.Dataset.load_faiss_index` reads it too."""
        load_faiss().write_index(self.index, str(file))

    @classmethod
    def load(cls, file: str | Path, kind: str) -> "DenseIndex":
        """Memory-mapped, so that only what queries touch takes memory. Raises `RuntimeError` for a broken file."""
        faiss = load_faiss()
        return cls(_tuned(faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC)), kind)

    def search(self, vector: np.ndarray, count: int) -> np.ndarray:
        """Rows of about the `count` nearest, int64 `[at most count]`, by the index's own, coarser distances."""
        _, rows = self.index.search(vector.reshape(1, -1), min(count, self.index.ntotal))
        return rows[0] if len(rows[0]) == 0 or rows[0][-1] >= 0 else rows[0][rows[0] >= 0]


def choose_kind(rows: int) -> str:
    """
    Example:
        >>> choose_kind(1_000), choose_kind(100_000), choose_kind(10_000_000)
        ('SQfp16', 'HNSW32,SQ8', 'IVF8192,SQ8')
    """
    if rows <= FLAT_UP_TO:
        return "SQfp16"
    if rows <= GRAPH_UP_TO:
        return "HNSW32,SQ8"
    return f"IVF{2 ** round(np.log2(2.5 * np.sqrt(rows)))},SQ8"


def recall(index: DenseIndex, vectors: np.ndarray, queries: np.ndarray, k: int = 10) -> float:
    """
    Share of each query's true `k` nearest that the index and exact cosines on what it finds return, in [0, 1].

    Args:
        vectors: what the index holds.
        queries: float32 `[queries, size]`.
    """
    found = []
    for query in queries:
        truth = np.argpartition(-(vectors @ query), k)[:k] if len(vectors) > k else np.arange(len(vectors))
        rows = index.search(query, SPARE * k)
        best = rows[np.argsort(-(vectors[rows] @ query))[:k]]
        found.append(len(np.intersect1d(truth, best)) / len(truth))
    return float(np.mean(found))


def _tuned(index):
    if hasattr(index, "hnsw"):
        index.hnsw.efSearch = next((ef for most, ef in EF_SEARCH.items() if index.ntotal <= most), 256)
    if hasattr(index, "nprobe"):
        index.nprobe = PROBES
    return index
