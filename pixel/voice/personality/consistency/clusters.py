"""Which samples belong together, however they are labelled, and how far to trust the answer."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

LEAST = 4
"""Fewer samples have no clusters worth the name."""


class Clusters(NamedTuple):
    """
    Attributes:
        labels: int `[samples]`, 0 upwards in order of appearance; -1 for samples that belong nowhere (density only).
        count: clusters found.
        silhouette: in [-1, 1], how much nearer samples are to their own cluster; `None` where it is not defined.
        stability: mean adjusted Rand index between these and those of random three quarters; 1 is stable.
        agreement: adjusted Rand index with the names that were given; 0 is chance. `None` without names.
    """

    labels: np.ndarray
    count: int
    silhouette: float | None
    stability: float | None
    agreement: float | None

    def as_row(self) -> dict[str, Any]:
        """Plain JSON values."""
        return self._asdict() | {"labels": self.labels.tolist()}


def agglomerative(vectors: np.ndarray, alike: float) -> np.ndarray:
    """
    Clusters whose samples have a cosine of more than `alike` on average: as many as there are.

    Args:
        vectors: `[samples, size]`, each of length 1.
        alike: where two samples are as likely by one speaker as by two; `Likeness.threshold()`.

    Source: average linkage, Sokal & Michener, 1958 (UPGMA).
    """
    from sklearn.cluster import AgglomerativeClustering

    if len(vectors) < 2:
        return np.zeros(len(vectors), dtype=int)
    away = np.clip(1 - vectors @ vectors.T, 0, 2)
    model = AgglomerativeClustering(None, metric="precomputed", linkage="average", distance_threshold=1 - alike)
    return _in_order(model.fit_predict(away))


def density(vectors: np.ndarray, least: int = 2) -> np.ndarray:
    """
    Clusters of `least` samples or more in dense places; samples elsewhere are -1. Needs no threshold.

    Source: HDBSCAN, Campello, Moulavi & Sander, PAKDD 2013; scikit-learn's.
    """
    from sklearn.cluster import HDBSCAN

    away = np.clip(1 - vectors @ vectors.T, 0, 2)
    return _in_order(HDBSCAN(min_cluster_size=least, metric="precomputed", copy=True).fit_predict(away))


def clusters(
    vectors: np.ndarray,
    alike: float,
    names: Sequence[str] | None = None,
    by_density: bool = False,
    resamples: int = 50,
    seed: int = 0,
) -> Clusters:
    """
    Clusters with their validation.

    Args:
        vectors: `[samples, size]`, each of length 1.
        alike: see `agglomerative`.
        names: whose each sample is held to be.
        by_density: HDBSCAN in place of average linkage.
        resamples: random three quarters that stability rests on.
        seed: of these.

    Raises:
        ValueError: fewer than 4 samples.
    """
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    vectors = np.asarray(vectors, dtype=float)
    if len(vectors) < LEAST:
        raise ValueError(f"{len(vectors)} samples have no clusters. Mend: give {LEAST} or more")

    def work(given: np.ndarray) -> np.ndarray:
        return density(given) if by_density else agglomerative(given, alike)

    labels, generator, scores = work(vectors), np.random.default_rng(seed), []
    size = max(LEAST, round(0.75 * len(vectors)))
    for _ in range(resamples):
        drawn = np.sort(generator.choice(len(vectors), size, replace=False))
        scores.append(adjusted_rand_score(labels[drawn], work(vectors[drawn])))
    inside = labels >= 0
    found = len(set(labels[inside].tolist()))
    shape = None
    if 2 <= found < inside.sum():
        away = np.clip(1 - vectors[inside] @ vectors[inside].T, 0, 2)
        np.fill_diagonal(away, 0)
        shape = float(silhouette_score(away, labels[inside], metric="precomputed"))
    agreement = None if names is None else float(adjusted_rand_score(list(names), labels))
    return Clusters(labels, found, shape, float(np.mean(scores)) if scores else None, agreement)


def _in_order(labels: np.ndarray) -> np.ndarray:
    """Numbered as they appear; -1 stays."""
    names: dict[int, int] = {}
    return np.array([-1 if one < 0 else names.setdefault(int(one), len(names)) for one in labels], dtype=int)
