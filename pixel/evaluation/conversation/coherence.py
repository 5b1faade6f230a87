"""Coherence: does a reply fit what was said? A few relations of sentence embeddings, weighed on swapped replies."""

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from pixel.evaluation.conversation.exchanges import Exchange

WEIGHTS = Path(__file__).with_name("weights") / "coherence.json"
FEATURES = ("answered", "earlier", "shared", "asked")
_WORDS = re.compile(r"[a-z']+")
_EMPTY = frozenset(
    "the a an and or but so if i you it is was to of in on at for my your me that this are be have had do did does not"
    " no yes with we they he she what how oh well just really very im i'm it's that's can would will could should"
    " don't there here them then than as from about all some any more up out get got go been has am were".split()
)


def relations(given: Sequence[Exchange], encoder) -> np.ndarray:
    """
    Float `[exchanges, 4]`: cosine of the reply with the message it answers; with the mean of those before; share of
    the reply's content words that were said in it; whether a question was asked. NaN for a reply without words.

    Args:
        given: exchanges.
        encoder: with `encode(texts) -> [n, size]`, each of length 1.
    """
    texts = list(dict.fromkeys(text for one in given for text in (*one.before, one.reply)))
    table = dict(zip(texts, np.asarray(encoder.encode(texts), dtype=float), strict=True)) if texts else {}
    out = np.full((len(given), len(FEATURES)), np.nan)
    for row, one in enumerate(given):
        content = [word for word in _WORDS.findall(one.reply.lower()) if word not in _EMPTY]
        if not any(character.isalnum() for character in one.reply):
            continue
        heard = set(_WORDS.findall(one.before[-1].lower()))
        earlier = np.mean([table[text] for text in one.before[:-1]], 0) if len(one.before) > 1 else 0
        reply = table[one.reply]
        out[row] = (
            table[one.before[-1]] @ reply,
            np.sum(earlier * reply),
            sum(word in heard for word in content) / max(1, len(content)),
            one.before[-1].rstrip().endswith("?"),
        )
    return out


class CoherenceReader:
    """
    How likely a reply belongs to what was said before it, rather than to another conversation.

    What it sees is topic and wording. It does not see contradiction, nor a reply that says the right words in the
    wrong order.

    Args:
        encoder: default: the sentence encoder that ships with Pixel.
        file: weights that `recipes/conversation_quality.py fit` wrote.

    Example:
        >>> reader = CoherenceReader()
        >>> reader.score([Exchange("1", "a", ("My dog died.",), "I am sorry about your dog.")])
        array([0.9...])
    """

    def __init__(self, encoder=None, file: Path = WEIGHTS):
        read = json.loads(file.read_text(encoding="utf-8"))
        self.weights, self.intercept = np.array([read[name] for name in FEATURES]), float(read["intercept"])
        self._encoder = encoder

    def score(self, given: Sequence[Exchange]) -> np.ndarray:
        """Float `[exchanges]` in (0, 1), 0.5 where both are equally likely; NaN for a reply without words."""
        if self._encoder is None:
            from pixel.text.sentence_encoder import default_encoder

            self._encoder = default_encoder()
        return 1 / (1 + np.exp(-(relations(given, self._encoder) @ self.weights + self.intercept)))


def fit_coherence(true: np.ndarray, false: np.ndarray) -> dict[str, float]:
    """
    Weights by feature, and `intercept`, of a logistic regression.

    Args:
        true, false: `relations` of replies in their place and of swapped ones; rows with NaN are left out.
    """
    from sklearn.linear_model import LogisticRegression

    x, y = np.vstack([true, false]), np.r_[np.ones(len(true)), np.zeros(len(false))]
    known = ~np.isnan(x).any(1)
    model = LogisticRegression(C=1.0, max_iter=1000).fit(x[known], y[known])
    weights = {name: float(weight) for name, weight in zip(FEATURES, model.coef_[0], strict=True)}
    return weights | {"intercept": float(model.intercept_[0])}


@lru_cache(maxsize=1)
def default_coherence() -> CoherenceReader:
    """The reader that ships with Pixel, read once."""
    return CoherenceReader()
