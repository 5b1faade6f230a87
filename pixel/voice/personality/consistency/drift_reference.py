"""How unlike two parts of one speaker's talk usually are: what a change of voice has to exceed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from pixel.voice.personality.consistency.fitted_file import load_fitted, save_fitted
from pixel.voice.personality.consistency.likeness import WEIGHTS

FILE = WEIGHTS / "drift.json"
LEAST_STREAMS = 20
EULER = 0.5772156649
LEAST_SPREAD = 0.01


@dataclass(frozen=True)
class DriftReference:
    r"""
    Fitted on streams in which nothing changes.

    A cut of a stream leaves `left` and `right` words; their cosine is :math:`m = u \cdot x` on average and spreads by
    :math:`s = v \cdot x` (standard deviation), :math:`x = (1,\ 1/left + 1/right,\ \log(left\,right/(left + right)))`.
    A cut's score is :math:`z = (m - \cos)/s`. The highest score of an unchanged stream with `n` places to cut is taken
    for Gumbel distributed, with a centre that moves by :math:`\log n`; that gives p-values.

    Attributes:
        mean, spread: u and v, 3 numbers each.
        centre, per_doubling, scale: of the highest score of a stream.
        limit: of a sum of sequential scores, see `cusum`.

    Source: Gumbel, "Statistics of Extremes", 1958, for the highest of many; fitted by moments.
    """

    mean: tuple[float, float, float]
    spread: tuple[float, float, float]
    centre: float
    per_doubling: float
    scale: float
    limit: float = 6.0

    def score(self, cosine: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """z: how many standard deviations less alike two parts are than one speaker's usually are."""
        x = _columns(left, right)
        return (x @ np.array(self.mean) - cosine) / np.maximum(x @ np.array(self.spread), LEAST_SPREAD)

    def p_value(self, highest: float, places: int) -> float:
        """Share of unchanged streams with so many places to cut whose highest score is at least `highest`."""
        away = (highest - self.centre - self.per_doubling * np.log2(max(1, places))) / self.scale
        return float(-np.expm1(-np.exp(-away)))

    def limit_at(self, alpha: float, places: int) -> float:
        """The score at which p is `alpha`, for a stream with so many places to cut."""
        return float(
            self.centre + self.per_doubling * np.log2(max(1, places)) - self.scale * np.log(-np.log1p(-alpha))
        )

    @classmethod
    def fit(cls, streams: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], limit: float = 6.0) -> "DriftReference":
        """
        Args:
            streams: cosine, left and right words of every place of streams by one speaker each, 20 or more.
            limit: kept as it is.

        Raises:
            ValueError: too few streams.
        """
        streams = [stream for stream in streams if len(stream[0])]
        if len(streams) < LEAST_STREAMS:
            raise ValueError(
                f"{len(streams)} streams say too little of what is usual. Mend: give {LEAST_STREAMS} or more"
            )
        x = np.vstack([_columns(left, right) for _, left, right in streams])
        y = np.concatenate([cosine for cosine, _, _ in streams])
        root = np.concatenate([np.full(len(stream[0]), len(stream[0]) ** -0.5) for stream in streams])[:, None]
        mean = np.linalg.lstsq(x * root, y * root[:, 0], rcond=None)[0]
        away = np.abs(y - x @ mean) * np.sqrt(np.pi / 2)  # of a normal, mean absolute to standard deviation
        spread = np.linalg.lstsq(x * root, away * root[:, 0], rcond=None)[0]
        first = cls(tuple(mean.tolist()), tuple(spread.tolist()), 0.0, 0.0, 1.0, limit)
        highest = np.array([first.score(*stream).max() for stream in streams])
        doublings = np.log2([len(stream[0]) for stream in streams])
        slope = max(0.0, float(np.polyfit(doublings, highest, 1)[0])) if np.ptp(doublings) > 0 else 0.0
        rest = highest - slope * doublings
        scale = max(float(rest.std(ddof=1)) * np.sqrt(6) / np.pi, 1e-6)
        return cls(first.mean, first.spread, float(rest.mean() - EULER * scale), slope, float(scale), limit)

    def save(self, file: str | Path = FILE) -> None:
        """As JSON; numbers to six digits."""
        save_fitted(self, file)

    @classmethod
    def load(cls, file: str | Path = FILE) -> "DriftReference":
        """
        Raises:
            FileNotFoundError: it is not there.
            ValueError: it is not what `save` wrote.
        """
        return load_fitted(cls._of, file, "reference of drift")

    @classmethod
    def _of(cls, mean, spread, **numbers) -> "DriftReference":
        return cls(tuple(map(float, mean)), tuple(map(float, spread)), **{n: float(x) for n, x in numbers.items()})


@lru_cache(maxsize=1)
def default_drift_reference() -> DriftReference:
    """The reference that ships with Pixel, for its own fingerprint; read once."""
    return DriftReference.load()


def _columns(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    left, right = np.asarray(left, dtype=float), np.asarray(right, dtype=float)
    return np.column_stack([np.ones(left.shape), 1 / left + 1 / right, np.log(left * right / (left + right))])
