"""Naturalness: how usual some replies are among people's, by their surface; loops and word salad are not."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from pixel.evaluation.conversation.text_marks import FEATURES, text_marks

WEIGHTS = Path(__file__).with_name("weights") / "naturalness.safetensors"
CHUNK = 60
"""Words that are looked at together; fewer say too little, more are cut into chunks of whole replies."""
SHRINK = 0.1
"""How far the covariance is drawn towards its diagonal."""
CLIP = 6.0


def chunks(replies: Sequence[str], words: int = CHUNK) -> list[list[str]]:
    """Replies in a row that have `words` words or more together; what is left at the end joins the last chunk."""
    out, piece, count = [], [], 0
    for reply in replies:
        piece.append(reply)
        count += len(reply.split())
        if count >= words:
            out.append(piece)
            piece, count = [], 0
    if piece and out:
        out[-1] = out[-1] + piece
    return out


class NaturalnessReader:
    """
    What share of people's chunks of replies are at least as unusual.

    The surface of a chunk (`text_marks`) is a point; unusual is far from the middle of people's points in Mahalanobis
    distance, in any direction: too regular is as far off as too odd. The chunks it was fitted on are spread evenly
    over (0, 1). It says nothing of whether the replies are true, kind or to the point, and takes fluent templates for
    people's.

    Args:
        file: reference that `recipes/conversation_quality.py fit` wrote.
    """

    def __init__(self, file: Path = WEIGHTS, tensors: dict[str, np.ndarray] | None = None):
        if tensors is None:
            from safetensors.numpy import load_file

            tensors = load_file(file)
        self.tensors = tensors

    def distance(self, replies: Sequence[str]) -> float | None:
        """Mahalanobis distance of one chunk; `None` where it holds no words."""
        found = text_marks(replies, self.tensors["table"])
        return None if found is None else float(_distance(found[None], self.tensors)[0])

    def score(self, replies: Sequence[str]) -> float | None:
        """
        In [0, 1], mean over the chunks of a speaker's replies in a conversation; `None` below 60 words.
        """
        known, found = self.tensors["distances"], []
        for chunk in chunks(replies):
            away = self.distance(chunk)
            if away is not None:
                found.append(1 - np.searchsorted(known, away) / len(known))
        return float(np.mean(found)) if found else None


def fit_naturalness(people: Sequence[Sequence[str]], table: np.ndarray) -> dict[str, np.ndarray]:
    """
    Reference from chunks of people's replies.

    Args:
        people: chunks, 50 or more.
        table: `order_table` of other people's replies, or of the same.

    Raises:
        ValueError: too few chunks.
    """
    points = np.array([found for chunk in people if (found := text_marks(chunk, table)) is not None])
    if len(points) < 50:
        raise ValueError(f"{len(points)} chunks of people's replies are too few. Mend: give 50 or more")
    mean, spread = points.mean(0), points.std(0) + 1e-6
    z = np.clip((points - mean) / spread, -CLIP, CLIP)
    covariance = (1 - SHRINK) * np.cov(z.T) + SHRINK * np.eye(len(FEATURES))
    tensors = {"table": table, "mean": mean, "spread": spread, "inverse": np.linalg.inv(covariance)}
    distances = np.sort(_distance(points, tensors))
    quantiles = np.quantile(distances, np.linspace(0, 1, 201))
    tensors = {name: np.ascontiguousarray(one, dtype=np.float32) for name, one in tensors.items() if name != "table"}
    return tensors | {"table": table, "distances": quantiles.astype(np.float32)}


def _distance(points: np.ndarray, tensors: dict[str, np.ndarray]) -> np.ndarray:
    z = np.clip((points - tensors["mean"]) / tensors["spread"], -CLIP, CLIP)
    return np.sqrt(np.einsum("ij,jk,ik->i", z, tensors["inverse"], z))


@lru_cache(maxsize=1)
def default_naturalness() -> NaturalnessReader:
    """The reader that ships with Pixel, read once."""
    return NaturalnessReader()
