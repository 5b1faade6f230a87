"""How well passages are found: words, meaning, reciprocal ranks and learned fusion, on queries with known answers."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from pixel.benchmarks.retrieval_sets import RetrievalSet, off_topic, retrieval_sets
from pixel.knowledge.retrieval.embedding import Encoder, embed
from pixel.knowledge.retrieval.fitting import JudgedQuery, fit, ndcg
from pixel.knowledge.retrieval.lexical import LexicalIndex
from pixel.knowledge.retrieval.words import clean, words
from pixel.metrics.table import markdown

FOLDS = 5
OFF_TOPIC = 300
BINS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.01)


def retrieval_quality(data_root: str, encoder: Encoder, cache: Path) -> dict[str, Any]:
    """
    nDCG@10 of every method on every set, and how true the relevance is.

    Fusion's weights for a query come from the other four of five folds over queries (a query's fold is that of its
    text's hash), so no figure is of a query that was learned from. The numbers learned from all queries together are
    reported as `fusion`.

    Args:
        data_root: folder with `medquad_mh`, `counselchat` and `goemotions`.
        encoder: embeds texts.
        cache: folder for embeddings.

    Returns:
        `sets` (a row a set), `reliability` (a row a bin), `ece`, `fusion`, `folds`.
    """
    queries: list[JudgedQuery] = []
    folds: list[int] = []
    sets = retrieval_sets(data_root)
    remarks = off_topic(data_root, OFF_TOPIC)
    for judged in sets:
        queries += judge(judged, encoder, cache)
        folds += [_fold(text) for text in judged.queries]
        nothing = RetrievalSet(f"{judged.name}: nothing", judged.passages, remarks, [[] for _ in remarks])
        queries += judge(nothing, encoder, cache)
        folds += [_fold(text) for text in remarks]
    learned = {
        fold: fit([query for query, own in zip(queries, folds, strict=True) if own != fold]) for fold in range(FOLDS)
    }
    values: dict[str, list[list[float]]] = {judged.name: [] for judged in sets}
    seen: list[tuple[float, bool]] = []
    for query, fold in zip(queries, folds, strict=True):
        fusion = learned[fold]
        scores = fusion.score(query.cosine, query.lexical, query.words)
        best = np.argsort(-scores, kind="stable")[:10]
        relevance = fusion.relevance(scores[best], query.words)
        seen += zip(relevance.tolist(), np.isin(best, query.relevant).tolist(), strict=True)
        if len(query.relevant):
            ranked = (query.lexical, query.cosine, reciprocal_ranks(query.lexical, query.cosine), scores)
            values[query.source].append([ndcg(one, query.relevant) for one in ranked])
    rows = []
    for judged in sets:
        words_only, meaning, ranks, fused = np.mean(values[judged.name], axis=0).tolist()
        size = {"queries": len(judged.queries), "passages": len(judged.passages)}
        rows.append({"set": judged.name} | size | {"bm25": words_only, "dense": meaning, "rrf": ranks, "pixel": fused})
    return {
        "sets": rows,
        **_reliability(seen),
        "fusion": fit(queries).to_json(),
        "folds": [fusion.to_json() for fusion in learned.values()],
    }


def judge(judged: RetrievalSet, encoder: Encoder, cache: Path) -> list[JudgedQuery]:
    """Both scores of every query of a set against every passage."""
    passages = embed(judged.passages, encoder, cache)
    vectors = embed(judged.queries, encoder, cache)
    index = LexicalIndex.build(judged.passages)
    found = []
    for text, vector, relevant in zip(judged.queries, vectors, judged.relevant, strict=True):
        asked = words(clean(text))
        found.append(
            JudgedQuery(passages @ vector, index.scores(asked), len(asked), np.array(relevant, dtype=int), judged.name)
        )
    return found


def reciprocal_ranks(first: np.ndarray, second: np.ndarray, k: int = 60) -> np.ndarray:
    """Reciprocal rank fusion of two score arrays. Source: Cormack et al., SIGIR 2009."""
    ranks = [np.argsort(np.argsort(-scores, kind="stable")) + 1 for scores in (first, second)]
    return 1.0 / (k + ranks[0]) + 1.0 / (k + ranks[1])


def quality_markdown(result: dict[str, Any]) -> str:
    """Two tables: methods on sets, and stated beside observed relevance."""
    header = ["set", "queries", "passages", "BM25", "dense", "RRF", "Pixel (cross-validated)"]
    sets = markdown(header, [list(row.values()) for row in result["sets"]], digits=4)
    header = ["relevance stated", "passages", "mean stated", "share marked as answers"]
    bins = markdown(header, [list(row.values()) for row in result["reliability"]])
    return f"nDCG@10\n\n{sets}\n{bins}\nExpected calibration error {result['ece']:.4f}\n"


def _reliability(seen: list[tuple[float, bool]]) -> dict[str, Any]:
    stated, marked = np.array(seen, dtype=float).T
    rows, error = [], 0.0
    for low, high in zip(BINS, BINS[1:], strict=False):
        inside = (stated >= low) & (stated < high)
        if inside.any():
            means = float(stated[inside].mean()), float(marked[inside].mean())
            error += float(inside.mean()) * abs(means[0] - means[1])
            name = f"{low:g} to {min(high, 1.0):g}"
            rows.append({"bin": name, "passages": int(inside.sum()), "stated": means[0], "marked": means[1]})
    return {"reliability": rows, "ece": error}


def _fold(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % FOLDS
