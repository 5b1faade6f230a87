"""Whether a profile is more like good practice than like what is shown as a warning."""

from typing import NamedTuple

import numpy as np


class Likeness(NamedTuple):
    """A linear discriminant: `weight` `[columns]` and `bias`."""

    weight: np.ndarray
    bias: float

    def __call__(self, profiles: np.ndarray) -> np.ndarray:
        """Float `[n]`: log of how much likelier the profile is as good practice; 0 is between."""
        return profiles @ self.weight + self.bias


def fit_likeness(profiles: np.ndarray, good: np.ndarray) -> Likeness:
    """
    Two normal distributions with one shrunk covariance; how many of each kind there are does not matter.

    Args:
        profiles: float `[n, columns]`.
        good: bool `[n]`, both kinds at least twice.

    Raises:
        ValueError: too few of a kind.
    """
    from sklearn.covariance import LedoitWolf

    if good.sum() < 2 or (~good).sum() < 2:
        raise ValueError(f"{good.sum()} good and {(~good).sum()} other profiles, at least 2 of each needed")
    spread = np.maximum(profiles.std(0), 1e-9)
    high, low = profiles[good].mean(0), profiles[~good].mean(0)
    within = np.vstack([profiles[good] - high, profiles[~good] - low]) / spread
    weight = LedoitWolf(assume_centered=True).fit(within).precision_ @ ((high - low) / spread) / spread
    return Likeness(weight, float(-weight @ (high + low) / 2))


def likeness_out_of_fold(profiles: np.ndarray, good: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Likeness of each profile by a discriminant that saw no profile of its fold; NaN where one cannot be fitted."""
    out = np.full(len(profiles), np.nan)
    for fold in np.unique(folds):
        inside = folds != fold
        if good[inside].sum() >= 2 and (~good[inside]).sum() >= 2:
            out[~inside] = fit_likeness(profiles[inside], good[inside])(profiles[~inside])
    return out
