"""What a persona detector has to beat: a constant, the length of the message, a list of words, a small encoder."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pixel.models.labels import PERSONA_MODES
from pixel.persona.keyword_baseline import keyword_mode

Talk = tuple[Sequence[dict[str, str]], Sequence[str | None]]
"""Messages, and for each of the person's turns the mode it needs (`None`: not labelled)."""


def user_places(messages: Sequence[dict[str, str]]) -> list[int]:
    """Places of the person's messages."""
    return [place for place, message in enumerate(messages) if message["role"] == "user"]


class MajorityBaseline:
    """The most frequent mode of the training talks, at every turn. It never switches."""

    def fit(self, talks: Sequence[Talk]) -> "MajorityBaseline":
        modes = [mode for _, needed in talks for mode in needed if mode is not None]
        self.shares = np.array([modes.count(name) for name in PERSONA_MODES]) / max(1, len(modes))
        return self

    def probabilities(self, messages: Sequence[dict[str, str]]) -> np.ndarray:
        """`[user turns, 3]`."""
        return np.tile(self.shares, (len(user_places(messages)), 1))


class KeywordBaseline:
    """Counts words of two short lists (`keyword_baseline`). A baseline, not an understanding of anything."""

    def fit(self, talks: Sequence[Talk]) -> "KeywordBaseline":
        return self

    def probabilities(self, messages: Sequence[dict[str, str]]) -> np.ndarray:
        """`[user turns, 3]`, 0 or 1; a turn without any such word keeps the mode before it, at first `assistant`."""
        modes, mode = [], "assistant"
        for place in user_places(messages):
            mode = keyword_mode(messages[place]["content"]) or mode
            modes.append(PERSONA_MODES.index(mode))
        return np.eye(len(PERSONA_MODES))[modes]


class RegressionBaseline:
    """
    Multinomial logistic regression on features of a turn.

    Args:
        features: messages -> `[user turns, any]`.
        strength: inverse of the L2 penalty.
        balanced: weigh modes alike. The rare hybrid would otherwise never be said.
    """

    def __init__(self, features, strength: float = 1.0, balanced: bool = True):
        self.features, self.strength, self.balanced = features, strength, balanced
        self.model: Any = None

    def fit(self, talks: Sequence[Talk]) -> "RegressionBaseline":
        from sklearn.linear_model import LogisticRegression

        rows, modes = [], []
        for messages, needed in talks:
            known = [index for index, mode in enumerate(needed) if mode is not None]
            if known:
                rows.append(self.features(messages)[known])
                modes += [PERSONA_MODES.index(needed[index]) for index in known]
        weight = "balanced" if self.balanced else None
        self.model = LogisticRegression(C=self.strength, class_weight=weight, max_iter=2000)
        self.model.fit(np.concatenate(rows), modes)
        return self

    def probabilities(self, messages: Sequence[dict[str, str]]) -> np.ndarray:
        """`[user turns, 3]`."""
        features = self.features(messages)
        out = np.zeros((len(features), len(PERSONA_MODES)))
        if len(features):
            out[:, self.model.classes_] = self.model.predict_proba(features)
        return out


def length_features(messages: Sequence[dict[str, str]]) -> np.ndarray:
    """Log words of the turn and of the person's turn before, `[user turns, 2]`."""
    counts = [np.log1p(len(messages[place]["content"].split())) for place in user_places(messages)]
    return np.array([[now, before] for now, before in zip(counts, [0.0, *counts], strict=False)]).reshape(-1, 2)


class EmbeddingFeatures:
    """
    Embeddings of the person's turn, of the reply before it and of the person's turn before that.

    Args:
        encoder: `encode(texts) -> [n, size]`; `pixel.text.sentence_encoder.RememberingEncoder` spares repeats.
        past: weight of what came before.
    """

    def __init__(self, encoder, past: float = 0.5):
        self.encoder, self.past = encoder, past

    def __call__(self, messages: Sequence[dict[str, str]]) -> np.ndarray:
        """`[user turns, 3 * size]`, zeros where nothing came before."""
        places = user_places(messages)
        if not places:
            return np.zeros((0, 0))
        vectors = self.encoder.encode([message["content"] for message in messages])
        nothing, rows = np.zeros(vectors.shape[1]), []
        for number, place in enumerate(places):
            reply = vectors[place - 1] if place and messages[place - 1]["role"] == "assistant" else nothing
            before = vectors[places[number - 1]] if number else nothing
            rows.append(np.concatenate([vectors[place], self.past * reply, self.past * before]))
        return np.array(rows)
