"""Made-up speakers: each draws forty words with likings of their own, so that who speaks is known."""

import numpy as np

from pixel.voice.segment import Segment

WORDS = [f"w{number}" for number in range(40)]


def likings(speaker: int, strength: float = 0.35) -> np.ndarray:
    """Chances of the forty words; speakers differ by log-normal factors."""
    drawn = np.exp(strength * np.random.default_rng(1000 + speaker).normal(size=len(WORDS)))
    return drawn / drawn.sum()


def talk(speaker: int, words: int, seed: int = 0, size: int = 20) -> list[str]:
    """Utterances of `size` words."""
    generator = np.random.default_rng((speaker, seed))
    said = generator.choice(WORDS, words, p=likings(speaker)).tolist()
    return [" ".join(said[start : start + size]) for start in range(0, words, size)]


def vector(text: str) -> np.ndarray:
    """Shares of the forty words beside what is usual, of length 1."""
    said = text.split()
    counts = np.array([said.count(word) for word in WORDS], dtype=float)
    away = np.sqrt(counts / max(1, counts.sum())) - np.sqrt(1 / len(WORDS))
    return away / max(float(np.linalg.norm(away)), 1e-9)


def segments(file: str, texts: list[str], speaker: str | None = None, start: float = 0.0) -> list[Segment]:
    """One segment a text, ten seconds each."""
    return [
        Segment(file, start + 10 * place, start + 10 * place + 9, text, speaker=speaker)
        for place, text in enumerate(texts)
    ]
