"""Which rules a helper's turn breaks, with reasons: a small classifier a rule, and cues that a reader can check."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pixel.clinical.appropriateness.danger import is_idiom
from pixel.clinical.appropriateness.pair_features import (
    GATED,
    Pair,
    client_features,
    encode,
    gate,
    probability,
    reply_features,
)
from pixel.clinical.appropriateness.readable import cleaned, unreadable, windows
from pixel.clinical.appropriateness.rule import Rule, rules

WEIGHTS = Path(__file__).with_name("weights") / "violations.safetensors"


class Violation(NamedTuple):
    """
    A rule that a turn breaks.

    Attributes:
        rule: its id.
        probability: in [0, 1].
        reason: in words; where a cue was there, with the helper's own words that made it.
        weight: how grave it is, in (0, 1].
    """

    rule: str
    probability: float
    reason: str
    weight: float


class TurnVerdict(NamedTuple):
    """
    What is known of one helper turn.

    Attributes:
        scores: rule -> probability; empty where it abstains.
        violations: those at or above their thresholds, gravest first.
        danger: probability that the client's message before it tells of danger.
        abstains: why it could not be judged, or `None`.
    """

    scores: dict[str, float]
    violations: tuple[Violation, ...]
    danger: float
    abstains: str | None = None


class ViolationDetector:
    """
    The rules, learned from matched pairs (see the card beside the weights for how well).

    Args:
        file: safetensors that `fit_violations` wrote.
        encoder: with `encode(texts)` and `size`; default: the embedded MiniLM, loaded at the first use.

    Raises:
        FileNotFoundError: no weights there; says how to make them.
        ValueError: weights of other rules, or of an encoder of another size.

    Example:
        >>> detector = ViolationDetector()
        >>> detector.judge([Pair("The pills make me dizzy.", "Just stop taking them.")])[0].violations[0].rule
        'medication_advice'
    """

    def __init__(self, file: Path = WEIGHTS, encoder=None, known: dict[str, Rule] | None = None):
        from safetensors.numpy import load_file

        if not file.is_file():
            raise FileNotFoundError(f"{file}: no weights there. Mend: python recipes/assess.py fit_rules")
        self.rules = known or rules()
        tensors = load_file(file)
        if set(tensors) != {*self.rules, "danger"}:
            raise ValueError(f"{file} holds other rules. Mend: python recipes/assess.py fit_rules")
        self._danger = tensors.pop("danger")
        self._coefficients = {name: tensor[:-1] for name, tensor in tensors.items()}
        self.thresholds = {name: float(tensor[-1]) for name, tensor in tensors.items()}
        self._encoder = encoder

    @property
    def encoder(self):
        """The sentence encoder."""
        if self._encoder is None:
            from pixel.text.sentence_encoder import default_encoder

            self._encoder = default_encoder()
        return self._encoder

    def judge(self, pairs: Sequence[Pair], danger: Sequence[float | None] | None = None) -> list[TurnVerdict]:
        """
        Judge replies, each with the client message before it.

        A long reply is judged in pieces of about 45 words: a rule is broken if a piece breaks it, and danger is taken
        up if a piece takes it up.

        Args:
            pairs: any number; texts of any length, cut at 20,000 characters.
            danger: for each pair the probability that the client is in danger, where a better judge knows (a crisis
                detector); `None` for what the client's words tell here.

        Returns:
            one verdict a pair, in order.
        """
        pairs = [Pair(cleaned(pair.client), cleaned(pair.reply)) for pair in pairs]
        abstains = [unreadable(pair.reply) for pair in pairs]
        read = [index for index, reason in enumerate(abstains) if reason is None]
        pieces = [(index, piece) for index in read for piece in windows(pairs[index].reply)]
        clients = [pairs[index].client if unreadable(pairs[index].client) is None else "" for index in read]
        vectors = encode([piece for _, piece in pieces] + clients, self.encoder)
        if vectors.shape[1] * 1 + len(client_features([""], np.zeros((1, 0)))[0]) + 1 != len(self._danger):
            raise ValueError("the weights are of an encoder of another size. Mend: python recipes/assess.py fit_rules")
        told = self._told(clients, vectors[len(pieces) :])
        own = np.array([index for index, _ in pieces], dtype=int)
        texts, vectors = [piece for _, piece in pieces], vectors[: len(pieces)]
        by_rule = {
            name: probability(self._coefficients[name], reply_features(rule, texts, vectors))
            for name, rule in self.rules.items()
        }
        out = []
        for index, reason in enumerate(abstains):
            if reason is not None:
                out.append(TurnVerdict({}, (), 0.0, reason))
                continue
            known = danger[index] if danger is not None else None
            risk = float(told[read.index(index)]) if known is None else float(known)
            out.append(self._verdict(pairs[index], {name: p[own == index] for name, p in by_rule.items()}, risk))
        return out

    def _told(self, clients: list[str], vectors: np.ndarray) -> np.ndarray:
        if not clients:
            return np.zeros(0)
        told = probability(self._danger, client_features(clients, vectors))
        return np.array([0.0 if not text or is_idiom(text) else p for text, p in zip(clients, told, strict=True)])

    def _verdict(self, pair: Pair, pieces: dict[str, np.ndarray], danger: float) -> TurnVerdict:
        scores, found = {}, []
        for name, rule in self.rules.items():
            score = pieces[name].min() if name == "crisis_missed" else pieces[name].max()
            score = _of_many(float(score), len(pieces[name]))
            score = score * gate(danger) if name in GATED else score
            scores[name] = float(score)
            if score >= self.thresholds[name]:
                words = rule.cue_words(pair.reply)
                first = next(iter(rule.cues), None)
                cue = f" (\u201c{words[first]}\u201d)" if first in words and name != "crisis_missed" else ""
                found.append(Violation(name, float(score), rule.reason + cue, rule.weight))
        found.sort(key=lambda violation: (-violation.weight, -violation.probability))
        return TurnVerdict(scores, tuple(found), danger)


def _of_many(score: float, count: int) -> float:
    """The best of `count` pieces is high by chance alone: its odds are divided by their number."""
    return score / (score + count * (1 - score)) if count > 1 and score < 1 else score


@lru_cache(maxsize=1)
def default_detector() -> ViolationDetector:
    """The detector that ships with Pixel, read once."""
    return ViolationDetector()
