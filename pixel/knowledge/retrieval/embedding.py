"""Embed many texts in pieces that survive an interruption."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from pixel.knowledge.retrieval.errors import RetrievalError

PIECE = 1024
"""Texts embedded and kept together."""

PROBE = "Worry that does not let go, and nights without sleep."
"""An encoder is recognised by what it makes of this sentence."""

SAME = 0.999
"""Cosine of two embeddings of the probe, from which on the encoders count as the same."""


class Encoder(Protocol):
    """Anything that embeds texts; `pixel.text.sentence_encoder.SentenceEncoder` does."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32 `[texts, size]`, each of length 1."""


def embed(texts: Sequence[str], encoder: Encoder, folder: str | Path, progress: bool = True) -> np.ndarray:
    """
    Embeddings of texts, piece by piece; pieces that an earlier run left in `folder` are not made again.

    A piece is named by its texts, so pieces are never mistaken, and other encoders need another folder.

    Args:
        texts: at least one.
        folder: made if it is not there.
        progress: show a bar.

    Returns:
        float32 `[texts, size]`.
    """
    from tqdm.auto import tqdm

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pieces = []
    with tqdm(total=len(texts), desc="Embeddings", unit=" texts", disable=None if progress else True) as bar:
        for start in range(0, len(texts), PIECE):
            part = list(texts[start : start + PIECE])
            name = hashlib.sha256("\0".join(part).encode(errors="surrogatepass")).hexdigest()[:32]
            pieces.append(_piece(part, encoder, folder / f"{name}.npy"))
            bar.update(len(part))
    return np.concatenate(pieces)


def _piece(texts: list[str], encoder: Encoder, file: Path) -> np.ndarray:
    try:
        kept = np.load(file)
        if len(kept) == len(texts):
            return kept
    except (OSError, ValueError, EOFError):  # not there, or cut short
        pass
    vectors = np.asarray(encoder.encode(texts), dtype=np.float32)
    partial = file.with_name(f"{file.name}.partial")
    with partial.open("wb") as stream:
        np.save(stream, vectors)
    os.replace(partial, file)
    return vectors


def probe(encoder: Encoder) -> list[float]:
    """The encoder's embedding of the probe sentence, as plain numbers."""
    return [round(float(value), 6) for value in encoder.encode([PROBE])[0]]


def require_same(encoder: Encoder, expected: Sequence[float], folder: Path) -> None:
    """
    Raises:
        RetrievalError: the index was made with another encoder: other dimensions, or another embedding of the probe.
    """
    found = np.asarray(probe(encoder))
    mend = "search with the encoder it was built with, or build it again with recipes/index.py build"
    if len(found) != len(expected):
        problem = f"holds vectors of {len(expected)} dimensions, this encoder makes {len(found)}"
        raise RetrievalError(problem, file=folder, mend=mend)
    lengths = np.linalg.norm(found) * np.linalg.norm(expected)
    if float(found @ np.asarray(expected)) < SAME * lengths:
        raise RetrievalError("was built with another encoder", file=folder, mend=mend)
