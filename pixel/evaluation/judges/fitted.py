"""Judges fitted to what people said of single replies: a ridge regression on meanings, or on words."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pixel.evaluation.judges.judge import Pair, Side

FOLDS = 5
STRENGTHS = (3.0, 30.0, 300.0)
"""Ridge penalties tried; the one with the best correlation on a fifth of the training groups is kept."""


class FittedJudge:
    """
    Scores each reply by a regression on human scores and prefers the higher.

    Every side is scored by a model that saw neither its group nor, so, any other reply of that person or session: the
    training groups are cut into five parts, and a group's own part is left out. A group that is in none (a new model's
    replies to new messages) gets the mean of all five. The order of the two replies plays no role. The three repeats
    are fitted on three resamples of the groups.

    Args:
        features: `meanings` (MiniLM embeddings of message and reply and their product) or `words` (words and word
            pairs of the reply, tf-idf).
        encoder: for `meanings`, with `encode(texts)`; default: the embedded MiniLM.
    """

    by_position = False

    def __init__(self, features: str = "meanings", encoder=None):
        if features not in ("meanings", "words"):
            raise ValueError(f"there are no features {features!r}; use meanings or words")
        self.features, self.encoder = features, encoder
        self.name = f"fitted ({features})"
        self.kind = f"ridge regression on {features}, fitted to people's scores of other replies"
        self._models: dict[tuple[str, int], list[Callable[[Sequence[Side]], np.ndarray]]] = {}
        self._known: dict[str, set[str]] = {}
        self._labelled: dict[str, list[tuple[Side, float]]] = {}

    def prepare(self, labelled: Mapping[str, Sequence[tuple[Side, float]]]) -> None:
        """Remember the human scores; fitting happens at the first question about a criterion."""
        self._labelled = {name: list(rows) for name, rows in labelled.items()}
        self._known = {name: {side.group for side, _ in rows} for name, rows in self._labelled.items()}
        self._models.clear()

    def same_as(self, subject: Any) -> str | None:
        """It generates nothing, so it is no subject."""
        return None

    def prefer(self, pairs: Sequence[Pair], criterion: str, repeat: int) -> np.ndarray:
        """
        See `Judge.prefer`; differences of two scores, in standard deviations of the training scores.

        Raises:
            ValueError: nobody's scores were given for this criterion.
        """
        difference = self._scores([pair.first for pair in pairs], criterion, repeat)
        difference = difference - self._scores([pair.second for pair in pairs], criterion, repeat)
        return np.stack([difference, difference], 1)

    def _scores(self, sides: Sequence[Side], criterion: str, repeat: int) -> np.ndarray:
        if not self._labelled.get(criterion):
            raise ValueError(f"{self.name}: no human scores to fit {criterion} on")
        if (criterion, repeat) not in self._models:
            self._models[criterion, repeat] = self._fit(self._labelled[criterion], repeat)
        models = self._models[criterion, repeat]
        by_model = np.stack([model(sides) for model in models])  # [folds, sides]
        fold = np.array([_fold(s.group) if s.group in self._known[criterion] else -1 for s in sides])
        own = by_model[np.maximum(fold, 0), np.arange(len(sides))]
        return np.where(fold >= 0, own, by_model.mean(0))

    def _fit(self, rows: list[tuple[Side, float]], repeat: int) -> list[Callable]:
        vectorise = self._vectoriser([side for side, _ in rows])
        table, scores = vectorise([side for side, _ in rows]), np.array([score for _, score in rows], dtype=float)
        groups = np.array([side.group for side, _ in rows])
        names = np.unique(groups)
        place = {name: number for number, name in enumerate(names)}
        index = np.array([place[name] for name in groups])
        fold_of = np.array([_fold(name) for name in names])
        generator = np.random.default_rng(repeat)
        models = []
        for fold in range(FOLDS):
            inside = np.flatnonzero(fold_of != fold)
            drawn = np.bincount(generator.choice(inside, len(inside)), minlength=len(names)).astype(float)
            models.append(_ridge(table, scores, drawn[index], fold_of[index], fold, vectorise))
        return models

    def _vectoriser(self, sides: list[Side]) -> Callable[[Sequence[Side]], Any]:
        if self.features == "words":
            from sklearn.feature_extraction.text import TfidfVectorizer

            words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, max_features=20_000)
            words.fit([side.reply for side in sides])
            return lambda sides: words.transform([side.reply for side in sides])
        from pixel.text.sentence_encoder import RememberingEncoder, default_encoder

        if not isinstance(self.encoder, RememberingEncoder):
            self.encoder = RememberingEncoder(self.encoder or default_encoder())

        def meanings(sides: Sequence[Side]) -> np.ndarray:
            client = self.encoder.encode([side.client for side in sides])
            reply = self.encoder.encode([side.reply for side in sides])
            return np.concatenate([reply, client * reply * reply.shape[1] ** 0.5], 1)

        return meanings


def _fold(group: str) -> int:
    return zlib.crc32(group.encode()) % FOLDS


def _ridge(table, scores, weights, folds, left_out: int, vectorise) -> Callable[[Sequence[Side]], np.ndarray]:
    """A ridge regression on the drawn rows; the next fold chooses the penalty."""
    from sklearn.linear_model import Ridge

    drawn = weights > 0
    held = drawn & (folds == (left_out + 1) % FOLDS)
    learnt = drawn & ~held
    best = STRENGTHS[len(STRENGTHS) // 2]
    if held.sum() > 10 and learnt.sum() > 10 and np.ptp(scores[held]) > 0:
        agreed = {}
        for strength in STRENGTHS:
            model = Ridge(alpha=strength).fit(table[learnt], scores[learnt], sample_weight=weights[learnt])
            said = model.predict(table[held])
            agreed[strength] = np.corrcoef(said, scores[held])[0, 1] if np.ptp(said) > 0 else -1.0
        best = max(agreed, key=agreed.get)
    model = Ridge(alpha=best).fit(table[drawn], scores[drawn], sample_weight=weights[drawn])
    said = model.predict(table[drawn])
    centre, spread = said.mean(), said.std() or 1.0
    return lambda sides: (model.predict(vectorise(sides)) - centre) / spread
