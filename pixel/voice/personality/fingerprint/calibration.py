"""From the cosine of two fingerprints to the probability that one person said both texts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

SHORT, LONG = 300, 600
"""Words between which length counts; shorter and longer texts are taken for these."""


@dataclass(frozen=True)
class Calibration:
    r"""
    :math:`\operatorname{logit} p = a s + b s l + c l + d` with :math:`s` the cosine and :math:`l` how many times the
    shorter text's words double 300, from 0 to 1. Before looking, one speaker and two are held to be equally likely.

    Attributes:
        slope, longer, length, intercept: a, b, c and d.
    """

    slope: float
    longer: float
    length: float
    intercept: float

    @classmethod
    def fit(cls, similarities: Sequence[ArrayLike], same: Sequence[ArrayLike], words: Sequence[int]) -> "Calibration":
        """
        A logistic regression in which, at each length, pairs by one speaker count as much as pairs by two.

        Args:
            similarities, same: of pairs of texts that nothing was fitted on; one array for each number of words.
            words: the numbers of words.
        """
        from sklearn.linear_model import LogisticRegression

        x = np.vstack([_columns(values, count) for values, count in zip(similarities, words, strict=True)])
        y = np.concatenate([np.asarray(one, dtype=bool) for one in same])
        weight = np.concatenate([balance(one) for one in same])
        model = LogisticRegression(C=1e6, max_iter=2000, tol=1e-8).fit(x, y, sample_weight=weight)
        return cls(*(round(float(value), 4) for value in (*model.coef_[0], model.intercept_[0])))

    def probability(self, similarity: ArrayLike, words: ArrayLike) -> np.ndarray:
        """
        In [0, 1], of the shape of `similarity`.

        Args:
            similarity: cosines.
            words: of the shorter text of each pair, or one number for all.
        """
        logit = _columns(similarity, words) @ np.array([self.slope, self.longer, self.length]) + self.intercept
        return (1 / (1 + np.exp(-logit))).reshape(np.shape(similarity))


def balance(same: ArrayLike) -> np.ndarray:
    """Weights that make pairs by one speaker and pairs by two count a half each; they sum to 1."""
    same = np.asarray(same, dtype=bool)
    return np.where(same, 0.5 / max(1, same.sum()), 0.5 / max(1, (~same).sum()))


def _columns(similarity: ArrayLike, words: ArrayLike) -> np.ndarray:
    similarity = np.atleast_1d(np.asarray(similarity, dtype=float)).ravel()
    length = np.log2(np.clip(np.asarray(words, dtype=float), SHORT, LONG) / SHORT) * np.ones(len(similarity))
    return np.column_stack([similarity, similarity * length, length])
