"""Phases of a helping talk by each reply's words: opening, exploring, understanding, working, closing."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

WEIGHTS = Path(__file__).with_name("weights") / "phases.safetensors"
PHASES = ("opening", "exploring", "understanding", "working", "closing")
STRATEGIES = {
    "open_question": "exploring", "closed_question": "exploring", "simple_reflection": "understanding",
    "complex_reflection": "understanding", "self_disclosure": "understanding", "affirmation": "understanding",
    "advice": "working", "information": "working",
}  # fmt: skip
"""Which phase a helper's act belongs to: ask, take up what was said, then work on it (Hill's three stages, after which
ESConv's strategies are ordered)."""
EDGE = 0.3
"""A greeting or talk without a strategy opens in the first 30 percent of a conversation and closes in the last."""
EMBEDDING_SCALE = 3.0


def labelled_phases(row: Mapping[str, Any]) -> list[int]:
    """
    For every message the number of its phase by ESConv's human strategies, -1 where there is none (a client's message,
    small talk in the middle, or acts of different phases).
    """
    from pixel.models.labels_clinical import INTERVENTIONS

    said, labels = row["messages"], row.get("intervention") or []
    out = [-1] * len(said)
    for place, label in enumerate(labels):
        if label is None or said[place]["role"] != "assistant":
            continue
        acts = {name for name, value in zip(INTERVENTIONS, label, strict=False) if value is not None and value >= 0.5}
        phases = {STRATEGIES[name] for name in acts if name in STRATEGIES}
        share = place / max(1, len(said) - 1)
        if len(phases) == 1:
            out[place] = PHASES.index(phases.pop())
        elif not phases and (share < EDGE or share > 1 - EDGE):
            out[place] = 0 if share < EDGE else 4
    return out


def phase_features(replies: Sequence[str], before: Sequence[str], encoder) -> np.ndarray:
    """
    Float `[replies, size + 4]`: embedding, question marks anywhere and at the end, words (as a logarithm), cosine with
    the message before. Nothing tells where in the conversation a reply stands.
    """
    texts = list(dict.fromkeys([*replies, *(text for text in before if text)]))
    table = dict(zip(texts, np.asarray(encoder.encode(texts), dtype=float), strict=True)) if texts else {}
    rows = []
    for reply, heard in zip(replies, before, strict=True):
        vector, text = table[reply], reply.strip()
        near = float(vector @ table[heard]) if heard else 0.0
        cues = ["?" in text, text.endswith("?"), np.log1p(len(text.split())) / 2, near]
        rows.append(np.r_[EMBEDDING_SCALE * vector, cues])
    return np.array(rows).reshape(len(replies), -1)


class PhaseReader:
    """
    Which phase each reply of a conversation belongs to, by its words alone.

    Args:
        encoder: default: the sentence encoder that ships with Pixel.
        file: weights that `recipes/conversation_quality.py fit` wrote.
    """

    def __init__(self, encoder=None, file: Path = WEIGHTS):
        from safetensors.numpy import load_file

        self.tensors = load_file(file)
        self._encoder = encoder

    def read(self, conversations: Sequence[Sequence[Mapping[str, str]]]) -> list[np.ndarray]:
        """For each conversation float `[replies, 5]`, probabilities in the order of `PHASES`."""
        if self._encoder is None:
            from pixel.text.sentence_encoder import default_encoder

            self._encoder = default_encoder()
        taken = [replies_of(messages) for messages in conversations]
        flat = [pair for pairs in taken for pair in pairs]
        x = phase_features([reply for reply, _ in flat], [heard for _, heard in flat], self._encoder)
        found = probabilities(self.tensors, x) if len(flat) else np.zeros((0, len(PHASES)))
        return np.split(found, np.cumsum([len(pairs) for pairs in taken])[:-1]) if taken else []


def replies_of(messages: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    """The helper's replies, each with the client's message just before it (empty where there is none)."""
    out, last = [], ""
    for message in messages:
        if message["role"] == "assistant":
            out.append((message["content"], last))
        last = message["content"] if message["role"] == "user" else ""
    return out


def probabilities(tensors: Mapping[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """Float `[rows, 5]`: softmax of a weighted sum."""
    logits = x @ tensors["weight"].T + tensors["bias"]
    logits = np.exp(logits - logits.max(1, keepdims=True))
    return logits / logits.sum(1, keepdims=True)


def fit_phases(x: np.ndarray, phase: np.ndarray) -> dict[str, np.ndarray]:
    """Multinomial logistic regression on features and phase numbers (-1 is left out); all five have to be there."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=0.1, max_iter=2000).fit(x[phase >= 0], phase[phase >= 0])
    tensors = {"weight": model.coef_, "bias": model.intercept_}  # column by column: safetensors wants them row by row
    return {name: np.ascontiguousarray(tensor, dtype=np.float32) for name, tensor in tensors.items()}


@lru_cache(maxsize=1)
def default_phases() -> PhaseReader:
    """The reader that ships with Pixel, read once."""
    return PhaseReader()
