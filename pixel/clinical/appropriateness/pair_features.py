"""What the rule classifiers see of a client message and the reply to it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pixel.clinical.appropriateness.danger import danger_cues
from pixel.clinical.appropriateness.rule import Rule

CUE_SCALE = 2.0
EMBEDDING_SCALE = 4.0
"""An embedding has length 1: scaled up, the penalty does not shrink its 384 small numbers away beside the cues."""


GATED = ("crisis_missed", "method_information")
"""Rules that can only be broken where the client's words tell of danger."""


class Pair(NamedTuple):
    """A reply and the client message before it (empty where the helper speaks first)."""

    client: str
    reply: str


def encode(texts: Sequence[str], encoder) -> np.ndarray:
    """Embeddings float32 `[texts, size]`; a text that comes twice is encoded once, an empty one is a zero vector."""
    unique = list(dict.fromkeys(text for text in texts if text))
    vectors = encoder.encode(unique) if unique else np.zeros((0, encoder.size), dtype=np.float32)
    row = {text: index for index, text in enumerate(unique)}
    out = np.zeros((len(texts), vectors.shape[1]), dtype=np.float32)
    for index, text in enumerate(texts):
        if text:
            out[index] = vectors[row[text]]
    return out


def reply_features(rule: Rule, replies: Sequence[str], vectors: np.ndarray) -> np.ndarray:
    """
    Float32 `[replies, size + cues]`: what the reply says, and which of the rule's cues it has.

    The client's message is left out on purpose: with the same message in front of a reply that breaks the rule and of
    one that keeps it, it only adds noise (out of fold the area under the curve fell by .02 to .03 with it).
    """
    cues = np.zeros((len(replies), len(rule.cues)), dtype=np.float32)
    for index, reply in enumerate(replies):
        found = rule.cue_words(reply)
        cues[index] = [CUE_SCALE * (name in found) for name in rule.cues]
    return np.hstack([EMBEDDING_SCALE * vectors, cues])


def client_features(clients: Sequence[str], vectors: np.ndarray) -> np.ndarray:
    """Float32 `[clients, size + cues]`: what the client says, and the cues of danger in it."""
    cues = np.array([danger_cues(text) for text in clients], dtype=np.float32)
    return np.hstack([EMBEDDING_SCALE * vectors, CUE_SCALE * cues])


def probability(coefficients: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Logistic of a weighted sum; the last coefficient is the intercept. Float `[rows]` in [0, 1]."""
    return 1 / (1 + np.exp(-(features @ coefficients[:-1] + coefficients[-1])))


def gate(danger: np.ndarray | float) -> np.ndarray:
    """What the probability of danger leaves of a gated rule's score: all of it from a half on, less below."""
    return np.minimum(1.0, 2.0 * np.asarray(danger))
