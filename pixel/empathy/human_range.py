"""How far a profile lies from those of people, and whether people ever reply like that."""

from dataclasses import dataclass

import numpy as np

SHARE = 0.95
LEAST = 20
"""Fewer replies than this do not say how people reply."""


@dataclass(frozen=True)
class HumanRange:
    """
    The middle and the spread of human profiles.

    Attributes:
        middle: float `[columns]`.
        precision: float `[columns, columns]`, inverse of the shrunk covariance.
        edge: distance that `SHARE` of the people who were not used for middle and spread stay within.
    """

    middle: np.ndarray
    precision: np.ndarray
    edge: float

    def distance(self, profiles: np.ndarray) -> np.ndarray:
        """Mahalanobis distance of each profile from the middle, at least 0."""
        away = profiles - self.middle
        return np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", away, self.precision, away), 0.0))

    def inside(self, profiles: np.ndarray) -> np.ndarray:
        """Bool: within the edge."""
        return self.distance(profiles) <= self.edge


def human_range(profiles: np.ndarray, seed: int = 0) -> HumanRange:
    """
    Fit middle and spread on one half of the people and the edge on the other half, so that the edge is not too near.

    Args:
        profiles: float `[people, columns]`, at least `LEAST`.
        seed: of the halves.

    Raises:
        ValueError: too few profiles.

    Source: covariance shrunk as in Ledoit & Wolf, "A well-conditioned estimator for large-dimensional covariance
    matrices", 2004.
    """
    from sklearn.covariance import LedoitWolf

    if len(profiles) < LEAST:
        raise ValueError(f"{len(profiles)} profiles of people, at least {LEAST} needed")
    order = np.random.default_rng(seed).permutation(len(profiles))
    first, second = profiles[order[::2]], profiles[order[1::2]]
    middle, spread = first.mean(0), np.maximum(first.std(0), 1e-9)
    shrunk = LedoitWolf().fit((first - middle) / spread)  # columns of one scale, so that they are shrunk alike
    found = HumanRange(middle, shrunk.precision_ / np.outer(spread, spread), np.inf)
    return HumanRange(found.middle, found.precision, float(np.quantile(found.distance(second), SHARE)))
