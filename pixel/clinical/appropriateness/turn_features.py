"""What the behaviour reader sees of a turn: its embedding, surface cues, and how it takes up the turn before."""

import re
from collections.abc import Sequence

import numpy as np

from pixel.clinical.appropriateness.rule import plain

SCALE = 3.0
_CUES = [
    re.compile(pattern)
    for pattern in (
        r"\?",
        r"^(?:what|how|why|tell me|could you|can you)\b",
        r"^(?:do|did|are|is|have|would|will|can|could|has|were|was)\b",
        r"^(?:so|and so|okay,? so|it sounds|sounds like|you)\b",
        r"\bsounds like\b",
        r"\byou(?:'re| are)? (?:feel|felt|think|want|worried|concerned|wonder)",
        r"\b(?:should|need to|have to|must|ought)\b",
        r"\b(?:i think you|i want you to|i suggest|i'd like you to|you could|try)\b",
        r"\b(?:you know|research|studies|percent|because|cause)\b",
        r"\bon (?:the )?one hand\b|\bon the other\b|\bbut\b",
        r"\bi\b",
        r"\byou\b",
        r"\?\s*$",
    )
]
_WORDS = re.compile(r"[a-z']+")
CUES = len(_CUES) + 4


def turn_features(
    turns: Sequence[str], before: Sequence[str], vectors: np.ndarray, previous: np.ndarray
) -> np.ndarray:
    """
    Float32 `[turns, size + 17]`.

    Args:
        turns: the texts to read.
        before: the other speaker's turn before each, empty where there is none.
        vectors, previous: their embeddings, `[turns, size]` each (zeros for an empty text).
    """
    cues = np.zeros((len(turns), CUES), dtype=np.float32)
    for row, (turn, prior) in enumerate(zip(turns, before, strict=True)):
        text = plain(turn).strip()
        words, heard = _WORDS.findall(text), set(_WORDS.findall(plain(prior)))
        overlap = sum(word in heard for word in words) / max(1, len(words))
        alike = 1.5 * float(vectors[row] @ previous[row])
        lengths = np.log1p(len(text.split())) / 4, np.log1p(len(heard)) / 4
        cues[row] = [*(float(bool(cue.search(text))) for cue in _CUES), overlap, alike, *lengths]
    return np.hstack([SCALE * vectors, cues]).astype(np.float32)
