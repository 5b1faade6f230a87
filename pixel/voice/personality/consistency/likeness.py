"""From the cosine of two fingerprints to the probability that one person spoke both texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from pixel.voice.personality.consistency.fitted_file import load_fitted, save_fitted

WEIGHTS = Path(__file__).with_name("weights")
FILE = WEIGHTS / "likeness.json"
SHORT, LONG = 300, 1500
"""Words between which length counts; shorter and longer texts are taken for these."""


@dataclass(frozen=True)
class Likeness:
    r"""
    A logistic regression, :math:`\operatorname{logit} p = a s + b s l + c l + d` with :math:`s` the cosine and
    :math:`l` the sum of the logarithms (base 2, of words over 300) of the two lengths.

    Every length counts the same, and at each length pairs by one speaker as much as pairs by two: before looking, both
    are held to be equally likely. The calibration that ships is fitted on people talking to each other in one meeting,
    so that topic does not tell them apart.

    Attributes:
        slope, longer, length, intercept: a, b, c and d.
    """

    slope: float
    longer: float
    length: float
    intercept: float

    @classmethod
    def fit(cls, similarity: ArrayLike, same: ArrayLike, words: ArrayLike, others: ArrayLike) -> "Likeness":
        """
        Args:
            similarity: cosines of pairs of texts, `[pairs]`.
            same: whether one person spoke both.
            words, others: lengths of the two texts.

        Raises:
            ValueError: pairs of one kind only.
        """
        from sklearn.linear_model import LogisticRegression

        same = np.asarray(same, dtype=bool)
        if same.all() or not same.any():
            raise ValueError("pairs of one kind only. Mend: give pairs by one speaker and by two")
        x = _columns(similarity, words, others)
        _, cell, size = np.unique(np.column_stack([x[:, 2], same]), axis=0, return_inverse=True, return_counts=True)
        weight = len(same) / len(size) / size[cell.reshape(-1)]
        model = LogisticRegression(C=1000.0, max_iter=2000).fit(x, same, weight)
        return cls(*(float(weight) for weight in model.coef_[0]), float(model.intercept_[0]))

    def probability(self, similarity: ArrayLike, words: ArrayLike = SHORT, others: ArrayLike = SHORT) -> np.ndarray:
        """Float in (0, 1), of the shape of `similarity`; what is not a number stays so."""
        columns = _columns(similarity, words, others)
        logit = columns @ np.array([self.slope, self.longer, self.length]) + self.intercept
        return 1 / (1 + np.exp(-logit.reshape(np.shape(similarity))))

    def threshold(self, probability: float = 0.5, words: float = SHORT, others: float = SHORT) -> float:
        """The cosine at which texts of these lengths reach a probability."""
        _, _, length = _columns(0.0, words, others)[0]
        steep = self.slope + self.longer * length
        return float((np.log(probability / (1 - probability)) - self.intercept - self.length * length) / steep)

    def save(self, file: str | Path = FILE) -> None:
        """As JSON; numbers to six digits."""
        save_fitted(self, file)

    @classmethod
    def load(cls, file: str | Path = FILE) -> "Likeness":
        """
        Raises:
            FileNotFoundError: it is not there.
            ValueError: it is not what `save` wrote.
        """
        return load_fitted(cls, file, "calibration of likeness")


def profile(vectors: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
    """The mean of some texts' vectors, scaled to length 1: the voice that they have in common."""
    mean = np.asarray(vectors, dtype=float).mean(0)
    return mean / max(float(np.linalg.norm(mean)), 1e-9)


@lru_cache(maxsize=1)
def default_likeness() -> Likeness:
    """The calibration that ships with Pixel, for its own fingerprint; read once."""
    return Likeness.load()


def _columns(similarity: ArrayLike, words: ArrayLike, others: ArrayLike) -> np.ndarray:
    similarity = np.asarray(similarity, dtype=float).reshape(-1)
    both = sum(np.log2(np.clip(np.asarray(count, dtype=float), SHORT, LONG) / SHORT) for count in (words, others))
    length = np.broadcast_to(np.reshape(both, -1), similarity.shape)
    return np.column_stack([similarity, similarity * length, length])
