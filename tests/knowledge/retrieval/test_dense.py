import numpy as np
import pytest

from pixel.knowledge.retrieval.dense import DenseIndex, choose_kind, recall


@pytest.fixture(scope="module")
def vectors():
    """Clusters, as sentences have them: 3,000 vectors of 32 dimensions, and 50 queries."""
    draw = np.random.default_rng(0)
    points = draw.standard_normal((60, 32))[draw.integers(60, size=3050)] + 0.5 * draw.standard_normal((3050, 32))
    points = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    return points[:3000], points[3000:]


@pytest.mark.parametrize("kind", ["SQfp16", "HNSW32,SQ8", "IVF64,SQ8"])
def test_every_kind_finds_nearly_all_and_the_same_after_loading(vectors, tmp_path, kind):
    pytest.importorskip("faiss")
    held, queries = vectors
    index = DenseIndex.build(held, kind)
    assert recall(index, held, queries) >= 0.95
    index.save(tmp_path / "dense.faiss")
    loaded = DenseIndex.load(tmp_path / "dense.faiss", kind)
    for query in queries[:5]:
        np.testing.assert_array_equal(loaded.search(query, 10), index.search(query, 10))


def test_the_kind_follows_the_size():
    assert [choose_kind(rows).split(",")[0] for rows in (1, 20_000, 20_001, 5_000_000)] == [
        "SQfp16",
        "SQfp16",
        "HNSW32",
        "IVF4096",
    ]
