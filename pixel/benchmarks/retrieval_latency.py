"""How long a search takes beside raw FAISS on the same vectors, and how much the chosen index finds."""

import csv
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from pixel.knowledge.retrieval import PassageSearcher, build_index
from pixel.knowledge.retrieval.dense import recall
from pixel.knowledge.retrieval.embedding import Encoder, embed
from pixel.knowledge.retrieval.extras import load_faiss
from pixel.metrics.table import markdown

NOISE = 0.3
"""Length of the random step by which a real embedding is copied where there are too few."""


class _Known:
    """Stands in for the encoder: hands out embeddings that were made before."""

    def __init__(self, vectors: dict[str, np.ndarray], size: int):
        self._vectors, self._other = vectors, np.eye(1, size, dtype=np.float32)[0]

    def encode(self, texts) -> np.ndarray:
        return np.stack([self._vectors.get(text, self._other) for text in texts])


def retrieval_latency(
    data_root: str, encoder: Encoder, cache: Path, sizes: list[int], queries: int = 200, seed: int = 0
) -> dict[str, Any]:
    """
    Milliseconds a query at each size: an index with its texts is built, opened from disk and searched.

    Passages are sentences of GoEmotions and EmpatheticDialogues with their real embeddings; where there are fewer
    than asked for, further ones are copies whose embedding is moved by a random step (cosine to the original about
    .96). Queries are other sentences with real embeddings, handed to the search as given. Processor time of one
    thread; FAISS with one thread too.

    Returns:
        `rows`: for each size p50 and p95 of raw flat FAISS, raw FAISS of the chosen kind, the search by meaning, and
        the whole search (words too); ratios of p50; the recall at 10 of the chosen index; `real`: real embeddings.
    """
    texts = sentences(data_root)
    vectors = embed(texts, encoder, cache)
    asked, asked_vectors = texts[:queries], vectors[:queries]
    texts, vectors = texts[queries:], vectors[queries:]
    rows = [_measure(size, texts, vectors, asked, asked_vectors, seed) for size in tqdm(sizes, desc="Sizes")]
    return {"rows": rows, "real": len(texts), "queries": queries}


def sentences(data_root: str, most: int = 101_000) -> list[str]:
    """Different sentences of both corpora, shuffled the same way each time."""
    import random

    root, found = Path(data_root), {}
    for part in ("train", "dev"):
        for line in (root / "goemotions" / f"{part}.tsv").read_text(encoding="utf-8").split("\n"):
            found[line.split("\t")[0].strip()] = None
    with (root / "empatheticdialogues" / "dialogues.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found[row["Text"].replace("_comma_", ",").strip()] = None
    texts = [text for text in found if text]
    random.Random(0).shuffle(texts)
    return texts[:most]


def _measure(size: int, texts, vectors, asked, asked_vectors, seed: int) -> dict[str, Any]:
    copies = np.resize(np.arange(len(texts)), size)
    held = vectors[copies]
    if size > len(texts):
        noise = np.random.default_rng(seed)
        for start in range(len(texts), size, 65_536):
            part = held[start : start + 65_536]
            step = noise.standard_normal(part.shape, dtype=np.float32)
            part += NOISE * step / np.linalg.norm(step, axis=1, keepdims=True)
            part /= np.linalg.norm(part, axis=1, keepdims=True)
    named = {f"{number} {texts[row]}" if number >= len(texts) else texts[row]: number
             for number, row in enumerate(copies.tolist())}  # fmt: skip
    known = _Known({text: held[number] for text, number in named.items()}, held.shape[1])
    faiss = load_faiss()
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        build_index({str(number): text for text, number in named.items()}, folder, known, progress=False)
        built = time.process_time() - started
        searcher = PassageSearcher(folder, known, verify=False)
        shard = searcher.shards[0]
        flat = faiss.IndexFlatIP(held.shape[1])
        flat.add(held)
        runs: dict[str, Callable] = {
            "flat": lambda text, vector: flat.search(vector[None], 10),
            "chosen": lambda text, vector: shard.dense.index.search(vector[None], 10),
            "meaning": lambda text, vector: searcher.search(text, 10, vector=vector, use_words=False),
            "whole": lambda text, vector: searcher.search(text, 10, vector=vector),
        }
        taken = _times(runs, asked, asked_vectors)
        found = recall(shard.dense, held, asked_vectors)
    row: dict[str, Any] = {"vectors": size, "kind": shard.dense.kind, "recall": found, "build_seconds": built}
    for name, milliseconds in taken.items():
        row[name] = [float(np.quantile(milliseconds, share)) for share in (0.5, 0.95)]
    row["meaning_over_flat"] = row["meaning"][0] / row["flat"][0]
    row["whole_over_flat"] = row["whole"][0] / row["flat"][0]
    row["meaning_over_chosen"] = row["meaning"][0] / row["chosen"][0]
    return row


def _times(runs: dict[str, Callable], asked, vectors) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for number, (text, vector) in enumerate(zip(asked, vectors, strict=True)):
        for name, run in runs.items():
            started = time.process_time()
            run(text, vector)
            if number >= min(20, len(asked) // 2):  # the first ones read from disk
                taken[name].append(1000 * (time.process_time() - started))
    return taken


def latency_markdown(result: dict[str, Any]) -> str:
    """One row a size."""
    header = [
        "vectors", "index", "recall@10", "raw flat p50 / p95 ms", "raw same index", "Pixel by meaning",
        "Pixel with words", "meaning / flat", "whole / flat", "meaning / same index",
    ]  # fmt: skip
    rows = []
    for row in result["rows"]:
        pairs = [f"{row[name][0]:.2f} / {row[name][1]:.2f}" for name in ("flat", "chosen", "meaning", "whole")]
        ratios = [row[name] for name in ("meaning_over_flat", "whole_over_flat", "meaning_over_chosen")]
        rows.append([f"{row['vectors']:,}", row["kind"], row["recall"], *pairs, *ratios])
    return markdown(header, rows) + f"\nReal embeddings: {result['real']:,}; further ones are copies with noise.\n"
