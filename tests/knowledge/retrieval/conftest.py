"""An encoder of words that needs no model, and an index of nine passages made with it."""

import hashlib

import numpy as np
import pytest

from pixel.knowledge.retrieval.words import words

PASSAGES = {
    "sleep": "Insomnia: lying awake at night, waking early, sleep that does not restore.",
    "panic": "Panic attacks come suddenly, with a racing heart and fear of dying.",
    "worry": "Worry about everyday things that is hard to stop, on most days.",
    "mood": "Low mood and loss of interest for two weeks or more.",
    "voices": "Hearing voices that others do not hear.",
    "trauma": "Memories of a terrible event come back as nightmares.",
    "eating": "Eating large amounts in a short time, then vomiting.",
    "phobia": "Fear of one thing, such as dogs or heights, and avoiding it.",
    "alcohol": "Drinking more than intended, and craving alcohol.",
}


class WordEncoder:
    """Sum of a random direction a word; texts that share words are near. Remembers what it was asked."""

    def __init__(self, size: int = 64, salt: str = ""):
        self.size, self.salt, self.asked = size, salt, []

    def encode(self, texts):
        self.asked += texts
        return np.stack([self._one(text) for text in texts])

    def _one(self, text):
        total = np.full(self.size, 1e-3)
        for word in words(text):
            seed = int(hashlib.sha256((self.salt + word).encode()).hexdigest()[:8], 16)
            total += np.random.default_rng(seed).standard_normal(self.size)
        return (total / np.linalg.norm(total)).astype(np.float32)


@pytest.fixture
def encoder():
    return WordEncoder()


@pytest.fixture
def built(tmp_path, encoder):
    """`(folder, encoder)` of an index of three shards."""
    pytest.importorskip("faiss")
    pytest.importorskip("bm25s")
    from pixel.knowledge.retrieval import build_index

    build_index(PASSAGES, tmp_path / "index", encoder, shard_rows=4, progress=False)
    return tmp_path / "index", encoder
