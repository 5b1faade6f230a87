"""Consistency across samples: does a voice sound like itself, and more so than like the others?"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pixel.metrics.auc import auc
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import defined, undefined
from pixel.voice.personality.consistency.likeness import Likeness, profile

DOUBT = 0.1
"""A sample less likely than this to be by its voice is odd."""


class Consistency(NamedTuple):
    """
    One voice.

    Attributes:
        samples: how many.
        within: mean cosine of two of its samples; `low` and `high`: 95% bootstrap interval over samples.
        others: mean cosine of one of its samples with one of another voice; `None` without other voices.
        apart: how often two of its samples are more alike than one of its own and one of another voice's (an AUC);
            0.5 says that it is no voice of its own. `None` without other voices.
        probability: mean, over its samples, of the probability that each is by the speaker of the others.
        belongs: these probabilities, `[samples]`.
        odd: places of samples below 0.1.
    """

    samples: int
    within: float
    low: float | None
    high: float | None
    others: float | None
    apart: float | None
    probability: float
    belongs: np.ndarray
    odd: tuple[int, ...]

    def as_row(self) -> dict[str, Any]:
        """Plain JSON values."""
        row = self._asdict() | {"belongs": [float(value) for value in self.belongs], "odd": list(self.odd)}
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()}


def consistency(
    own: np.ndarray, others: np.ndarray | None, words: Sequence[int], likeness: Likeness, seed: int = 0
) -> Consistency | None:
    """
    Args:
        own: fingerprints of a voice's samples, `[samples, size]`, each of length 1.
        others: of other voices' samples, or `None`.
        words: of each own sample.
        likeness: from cosine to probability.
        seed: of the interval.

    Returns:
        `None` below two samples.
    """
    own = np.asarray(own, dtype=float)
    if len(own) < 2:
        return None
    alike = own @ own.T

    def within(index: np.ndarray):
        pairs = alike[np.ix_(index, index)][index[:, None] != index[None, :]]
        return defined(float(pairs.mean())) if len(pairs) else undefined("one sample again and again")

    interval = bootstrap_interval(within, len(own), seed=seed) if len(own) > 2 else None
    low, high = interval if interval else (None, None)
    cross = None if others is None or not len(others) else own @ np.asarray(others, dtype=float).T
    above = None
    if cross is not None:
        upper = alike[np.triu_indices(len(own), 1)]
        targets = np.r_[np.ones(len(upper), bool), np.zeros(cross.size, bool)]
        above = auc(targets, np.r_[upper, cross.ravel()]).value
    belongs = belonging(own, words, likeness)
    return Consistency(
        len(own),
        within(np.arange(len(own))).value,
        low,
        high,
        None if cross is None else float(cross.mean()),
        above,
        float(belongs.mean()),
        belongs,
        tuple(np.flatnonzero(belongs < DOUBT).tolist()),
    )


def belonging(own: np.ndarray, words: Sequence[int], likeness: Likeness) -> np.ndarray:
    """Probability that each sample is by the speaker of the rest, `[samples]`; two samples or more."""
    own, words = np.asarray(own, dtype=float), np.asarray(words, dtype=float)
    out = np.empty(len(own))
    for place in range(len(own)):
        rest = np.arange(len(own)) != place
        cosine = own[place] @ profile(own[rest])
        out[place] = likeness.probability(cosine, words[place], words[rest].sum())
    return out


def all_voices(
    vectors: Mapping[str, np.ndarray], words: Mapping[str, Sequence[int]], likeness: Likeness, seed: int = 0
) -> dict[str, Consistency]:
    """
    `consistency` of every voice that has two samples or more, each beside all the others.

    Args:
        vectors: voice -> `[samples, size]`.
        words: voice -> words of each sample.
    """
    out = {}
    for name, own in vectors.items():
        rest = [np.asarray(one) for other, one in vectors.items() if other != name and len(one)]
        found = consistency(own, np.vstack(rest) if rest else None, words[name], likeness, seed)
        if found is not None:
            out[name] = found
    return out
