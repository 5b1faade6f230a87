"""One number for a whole conversation: how likely it would be shown as good practice rather than as a warning."""

import numpy as np

from pixel.clinical.appropriateness.rubric import CLIP
from pixel.clinical.appropriateness.session_features import FEATURES

USED = ("reflection", "input", "advice", "information", "words", "spirit")
"""The features it rests on; few, because low-quality sessions are few."""
PENALTY = 0.1
"""Inverse strength of the L2 penalty."""
_COLUMNS = [FEATURES.index(name) for name in USED]


def _z(features: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
    return np.clip((features - mean) / spread, -CLIP, CLIP)[..., _COLUMNS]


def fit_quality(features: np.ndarray, high: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Coefficients `[7]`, intercept last, of a balanced logistic regression; rows with NaN are left out."""
    from sklearn.linear_model import LogisticRegression

    known = ~np.isnan(features).any(1)
    model = LogisticRegression(C=PENALTY, class_weight="balanced")
    model.fit(_z(features[known], mean, spread), high[known])
    return np.append(model.coef_[0], model.intercept_[0])


def quality(features: np.ndarray, mean: np.ndarray, spread: np.ndarray, coefficients: np.ndarray) -> float:
    """In (0, 1); 0.5 where both are equally likely, whatever their shares in AnnoMI."""
    return float(1 / (1 + np.exp(-(_z(features, mean, spread) @ coefficients[:-1] + coefficients[-1]))))
