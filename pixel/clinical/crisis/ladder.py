"""The ordinal model of both learned voices: "at least rung k" for k = 1..6, one linear score each, soft targets."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

RUNGS = 6
HIGH_ALONE = 0.3
"""Probability of rung 4 or more that is flagged whatever the rest says. Out of fold, ordinary talk is flagged in .019
with it, and in .029 at .2."""


@dataclass
class Ladder:
    """
    Attributes:
        weights: float32 `[features, 6]`.
        bias: float32 `[6]`.
    """

    weights: np.ndarray
    bias: np.ndarray

    def logits(self, features: np.ndarray | csr_matrix) -> np.ndarray:
        """float64 `[texts, 6]`: the logit of "at least rung k"."""
        return np.asarray(features @ self.weights, np.float64) + self.bias


def fit(features: np.ndarray | csr_matrix, targets: np.ndarray, importance: np.ndarray, penalty: float) -> Ladder:
    r"""
    .. math:: \sum_i v_i \sum_k \mathrm{BCE}(t_{ik}, x_i w_k + b_k) + \tfrac{\lambda}{2} \lVert w \rVert^2

    Args:
        features: `[texts, features]`, dense or sparse.
        targets: `[texts, 6]` in [0, 1]: how sure it is that the text reaches each rung.
        importance: `[texts]`, weights of the texts.
        penalty: :math:`\lambda`. The bias is free.

    Returns:
        the minimum, by L-BFGS; the same for the same input.
    """
    width = features.shape[1]
    transposed = features.T.tocsr() if isinstance(features, csr_matrix) else features.T

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights, bias = flat[:-RUNGS].reshape(width, RUNGS), flat[-RUNGS:]
        z = features @ weights + bias
        value = (importance[:, None] * (np.logaddexp(0, z) - targets * z)).sum() + penalty / 2 * (weights**2).sum()
        slope = importance[:, None] * (1 / (1 + np.exp(-z)) - targets)
        return value, np.concatenate([(transposed @ slope + penalty * weights).ravel(), slope.sum(0)])

    found = minimize(loss, np.zeros((width + 1) * RUNGS), jac=True, method="L-BFGS-B", options={"maxiter": 80})
    return Ladder(found.x[:-RUNGS].reshape(width, RUNGS).astype(np.float32), found.x[-RUNGS:].astype(np.float32))


def severity(logits: np.ndarray) -> np.ndarray:
    """Cumulative logits `[texts, 6]` to probabilities of the seven rungs `[texts, 7]`, each row summing to 1."""
    reach = np.minimum.accumulate(1 / (1 + np.exp(-np.clip(logits, -30, 30))), axis=1)
    padded = np.concatenate([np.ones((len(reach), 1)), reach, np.zeros((len(reach), 1))], axis=1)
    return padded[:, :-1] - padded[:, 1:]


def at_least(severities: np.ndarray, rung: int) -> np.ndarray:
    """Probability of at least `rung`, from probabilities of the rungs `[..., 7]`."""
    return np.asarray(severities)[..., rung:].sum(-1)
