"""Learn the weights of fusion from queries whose passages were judged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pixel.knowledge.retrieval.fusion import Fusion

WEIGHTS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)
TIE = 0.005
"""Difference in nDCG@10 that says little."""

CANDIDATES = 20
"""Passages of a query that calibration looks at: the best ones."""


@dataclass(frozen=True)
class JudgedQuery:
    """
    A query's scores against every passage of its set.

    Args:
        cosine, lexical: `[passages]`.
        words: of the query, without function words.
        relevant: rows of the passages that answer it; empty for a query that none answers.
        source: its set; sets count alike, however many queries they have.
    """

    cosine: np.ndarray
    lexical: np.ndarray
    words: int
    relevant: np.ndarray
    source: str


def ndcg(scores: np.ndarray, relevant: np.ndarray, k: int = 10) -> float:
    r"""
    :math:`\sum_{i \le k,\, d_i \in R} 1 / \log_2(i + 1)`, over the same sum of a perfect ranking; in [0, 1].

    Source: Järvelin & Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002 (binary gains).

    Example:
        >>> round(ndcg(np.array([0.2, 0.9, 0.1]), np.array([0])), 3)  # the only answer is second
        0.631
    """
    best = np.argsort(-scores, kind="stable")[:k]
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    gained = discounts[: len(best)][np.isin(best, relevant)].sum()
    return float(gained / discounts[: min(k, len(relevant))].sum())


def fit(queries: Sequence[JudgedQuery]) -> Fusion:
    r"""
    The weight and power of the highest gain in nDCG@10 over the cosine alone (mean over sets plus the worst set's:
    a fusion that loses on one kind of query is no good). Few queries decide between neighbours, so all that were
    tried are averaged, each counting :math:`e^{\mathrm{gain} / .005}`. Then the calibration of what ranks first.

    Args:
        queries: at least one with an answer; those without take part in the calibration only.

    Raises:
        ValueError: no query has an answer.
    """
    judged = [query for query in queries if len(query.relevant)]
    if not judged:
        raise ValueError("no query has a relevant passage: there is nothing to learn from")
    tried = [Fusion(weight=weight, power=power) for weight in WEIGHTS for power in POWERS]
    alone = _by_source(Fusion(weight=0.0), judged)

    def gain(fusion: Fusion) -> float:
        gains = [value - alone[source] for source, value in _by_source(fusion, judged).items()]
        return float(np.mean(gains)) + min(gains)

    gains = np.array([gain(fusion) for fusion in tried])
    share = np.exp((gains - gains.max()) / TIE)
    share /= share.sum()
    weight = float(np.exp(share @ np.log([fusion.weight for fusion in tried])))
    power = float(share @ [fusion.power for fusion in tried])
    return calibrate(Fusion(weight=round(weight, 3), power=round(power, 3)), queries)


def calibrate(fusion: Fusion, queries: Sequence[JudgedQuery]) -> Fusion:
    """The same weights, with slope, offset and length by logistic regression on each query's 20 best passages."""
    from sklearn.linear_model import LogisticRegression

    rows, labels, shares = [], [], []
    for query, share in zip(queries, _shares(queries), strict=True):
        scores = fusion.score(query.cosine, query.lexical, query.words)
        best = np.argsort(-scores, kind="stable")[:CANDIDATES]
        rows += [(scores[row], np.log1p(query.words)) for row in best]
        labels += np.isin(best, query.relevant).tolist()
        shares += [share * len(queries)] * len(best)
    model = LogisticRegression(C=1e4, max_iter=1000).fit(np.array(rows), labels, sample_weight=np.array(shares))
    slope, length = (round(float(value), 3) for value in model.coef_[0])
    return Fusion(fusion.weight, fusion.power, slope, round(float(model.intercept_[0]), 3), length)


def _by_source(fusion: Fusion, queries: Sequence[JudgedQuery]) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for query in queries:
        scores = fusion.score(query.cosine, query.lexical, query.words)
        values.setdefault(query.source, []).append(ndcg(scores, query.relevant))
    return {source: float(np.mean(found)) for source, found in values.items()}


def _shares(queries: Sequence[JudgedQuery]) -> np.ndarray:
    names = [query.source for query in queries]
    sizes = {name: names.count(name) for name in set(names)}
    return np.array([1.0 / (sizes[name] * len(sizes)) for name in names])
