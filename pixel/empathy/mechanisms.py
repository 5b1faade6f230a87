"""How strongly a reply reacts, interprets and explores, read by a small model fitted on what people said of peers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pixel.clinical.appropriateness.pair_features import encode
from pixel.clinical.appropriateness.readable import cleaned
from pixel.clinical.appropriateness.turn_features import turn_features
from pixel.data.splits import VALIDATION, side
from pixel.empathy.exchanges import Exchange

WEIGHTS = Path(__file__).with_name("weights") / "mechanisms.safetensors"
HIGHEST = 2.0
HELD_OUT = 0.1
"""Share of groups (of EPITOME: seeker posts) not fitted on: those that Pixel's own training leaves out by default."""


def unseen(group: str) -> bool:
    """Whether the readers of replies that ship with Pixel were fitted without this post, dialogue or person."""
    return side(group, HELD_OUT) == VALIDATION


def mechanism_features(pairs: Sequence[Exchange], encoder) -> np.ndarray:
    """Float32 `[pairs, size + 17]`: the reply's embedding, surface cues, and how it takes up the message."""
    replies, messages = [cleaned(pair.reply) for pair in pairs], [cleaned(pair.message) for pair in pairs]
    vectors = encode(replies + messages, encoder)
    return turn_features(replies, messages, vectors[: len(pairs)], vectors[len(pairs) :])


class MechanismReader:
    """
    Ridge regressions on sentence embeddings and surface cues.

    Args:
        file: safetensors that `fit_mechanisms` wrote: `weight` `[features, 3]`, `bias` `[3]`, `present` `[3]`.
        encoder: with `encode(texts)` and `size`; default: the embedded MiniLM.

    Raises:
        FileNotFoundError: no weights there; says how to make them.
    """

    def __init__(self, file: Path = WEIGHTS, encoder=None):
        from safetensors.numpy import load_file

        if not file.is_file():
            raise FileNotFoundError(f"{file}: no weights there. Mend: python recipes/empathy.py fit --data_root DATA")
        self.tensors = load_file(file)
        self._encoder = encoder

    def read(self, pairs: Sequence[Exchange]) -> np.ndarray:
        """Float `[pairs, 3]`: expected level of each mechanism, 0 to 2."""
        if self._encoder is None:
            from pixel.text.sentence_encoder import default_encoder

            self._encoder = default_encoder()
        if not len(pairs):
            return np.zeros((0, self.tensors["weight"].shape[1]))
        return apply(self.tensors, mechanism_features(pairs, self._encoder))

    def present(self, levels: np.ndarray) -> np.ndarray:
        """Bool, like `levels`: read as there at all. The line was put where as many are read as people saw."""
        return levels >= self.tensors["present"]


def apply(tensors: dict[str, np.ndarray], features: np.ndarray) -> np.ndarray:
    """Expected levels out of features, clipped to [0, 2]."""
    return np.clip(features @ tensors["weight"] + tensors["bias"], 0.0, HIGHEST)
