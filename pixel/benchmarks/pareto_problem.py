r"""
k noisy quadratics with a known Pareto front, and how much of it a set of points covers.

.. math:: f_i(x) = s_i \, h\big(\tfrac12 (x-m_i)^\top A_i (x-m_i)\big), \qquad h(q) = q
          \quad\text{or}\quad \log(1 + \beta q) / \beta

with minima :math:`m_i` at distance 1 from each other, rotated curvatures :math:`A_i` with eigenvalues in [1, 10] and
scales :math:`s_i` from 1 to 100. The Pareto set is :math:`\{(\sum_i w_i A_i)^{-1} \sum_i w_i A_i m_i\}` over all
weights; h is increasing, so it changes the front (the logarithm bends it inwards) but not the set.
"""

from itertools import combinations
from math import comb

import numpy as np

INSTALL = 'hypervolumes need moocore. Install it with: pip install "moocore>=0.3"'
REFERENCE = 1.1
"""The reference point of the hypervolume, in each objective scaled so that 0 is its minimum and 1 its worst."""


class QuadraticProblem:
    """
    Args:
        k (`int`): objectives, 2 or more.
        dimensions (`int`): of x, at least k.
        seed (`int`): of curvatures and starts.
        bend (`float`): beta above; 0 for plain quadratics, whose front is convex.
        noise (`float`): standard deviation of the noise in the gradient of each quadratic (before h and scale).

    Raises:
        ValueError: fewer than two objectives, or fewer dimensions than objectives.
    """

    def __init__(self, k: int, dimensions: int = 6, seed: int = 0, bend: float = 0.0, noise: float = 0.5):
        if not 2 <= k <= dimensions:
            raise ValueError(f"k must be 2 to {dimensions} (the dimensions), found {k}")
        self.k, self.dimensions, self.seed, self.bend, self.noise = k, dimensions, seed, bend, noise
        generator = np.random.default_rng(seed)
        self.minima = np.eye(k, dimensions) / np.sqrt(2)
        rotations = [np.linalg.qr(generator.normal(size=(dimensions, dimensions)))[0] for _ in range(k)]
        eigenvalues = 10 ** generator.uniform(size=(k, dimensions))
        self.curvatures = np.stack([(q * e) @ q.T for q, e in zip(rotations, eigenvalues, strict=True)])
        self.scales = np.logspace(0, 2, k)

    def start(self, index: int, distance: float = 5.0) -> np.ndarray:
        """A point at this distance from the mean of the minima, in a direction drawn from seed and index."""
        direction = np.random.default_rng([self.seed, index]).normal(size=self.dimensions)
        return self.minima.mean(0) + distance * direction / np.linalg.norm(direction)

    def values(self, x: np.ndarray) -> np.ndarray:
        """Objectives `[..., k]` of points `[..., dimensions]`."""
        apart = x[..., None, :] - self.minima
        q = 0.5 * np.einsum("...ki,kij,...kj->...k", apart, self.curvatures, apart)
        return self.scales * (np.log1p(self.bend * q) / self.bend if self.bend else q)

    def values_and_gradients(self, x: np.ndarray, noise: np.ndarray | float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """Objectives `[k]` and gradients `[k, dimensions]` at a point; `noise`, alike, is standard normal."""
        apart = x - self.minima
        pull = (self.curvatures @ apart[..., None])[..., 0]
        q = 0.5 * (apart * pull).sum(-1)
        pull = pull + self.noise * noise
        if not self.bend:
            return self.scales * q, self.scales[:, None] * pull
        slopes = self.scales / (1 + self.bend * q)
        return self.scales * np.log1p(self.bend * q) / self.bend, slopes[:, None] * pull

    def pareto_set(self, points: int) -> np.ndarray:
        """Pareto-optimal points `[n, dimensions]`, for weights on a lattice with at least `points` members."""
        parts = 1
        while comb(parts + self.k - 1, self.k - 1) < points:
            parts += 1
        weights = simplex(self.k, parts) / parts
        joint = np.einsum("nk,kij->nij", weights, self.curvatures)
        target = np.einsum("nk,kij,kj->ni", weights, self.curvatures, self.minima)
        return np.linalg.solve(joint, target[..., None])[..., 0]


def simplex(k: int, parts: int, least: int = 0) -> np.ndarray:
    """All `[n, k]` whole numbers of at least `least` that sum to `parts`."""
    free = parts - k * least
    bars = combinations(range(free + k - 1), k - 1)
    return np.array([np.diff((-1, *bar, free + k - 1)) - 1 + least for bar in bars])


class Front:
    """
    The front of one problem: scaled objectives, hypervolume and distance.

    Args:
        problem ([`QuadraticProblem`]).
        points (`int`): how finely the front is sampled.
    """

    def __init__(self, problem: QuadraticProblem, points: int = 2000):
        self.problem = problem
        self.worst = problem.values(problem.minima).max(0)  # of each objective, at the others' minima
        self.points = self.scaled(problem.pareto_set(points))
        self.volume = self._volume(self.points)

    def scaled(self, x: np.ndarray) -> np.ndarray:
        """Objectives of points `[n, dimensions]`, 0 at their minimum and 1 at the worst of the others' minima."""
        return self.problem.values(x) / self.worst

    def covered(self, x: np.ndarray) -> float:
        """Hypervolume of points `[n, dimensions]` over that of the front, in [0, 1]."""
        return self._volume(self.scaled(x)) / self.volume

    def gap(self, x: np.ndarray) -> float:
        """How far all scaled objectives could fall at once, the mean over points `[n, dimensions]`; 0 on the front."""
        gains = (self.scaled(x)[:, None] - self.points).min(-1).max(-1)
        return float(np.maximum(gains, 0.0).mean())

    @staticmethod
    def _volume(values: np.ndarray) -> float:
        try:
            from moocore import hypervolume
        except ImportError as error:
            raise ImportError(INSTALL) from error
        return float(hypervolume(np.atleast_2d(values), ref=[REFERENCE] * values.shape[-1]))
