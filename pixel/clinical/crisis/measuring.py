"""Figures of a screening score: AUC, false positives at a recall, thresholds, bootstrap intervals."""

import numpy as np


def auc(scores: np.ndarray, positive: np.ndarray) -> float:
    """Probability that a positive scores above a negative, ties counting half."""
    from scipy.stats import rankdata

    ranks, count = rankdata(scores), int(positive.sum())
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(scores) - count)))


def threshold(scores: np.ndarray, positive: np.ndarray, recall: float) -> float:
    """The highest threshold (score >= threshold counts) at which at least `recall` of the positives are found."""
    found = np.sort(scores[positive])
    return float(found[int(np.floor((1 - recall) * len(found) + 1e-9))])


def rates(scores: np.ndarray, positive: np.ndarray, at: float) -> tuple[float, float]:
    """Recall and false-positive rate of `scores >= at`."""
    return float((scores[positive] >= at).mean()), float((scores[~positive] >= at).mean())


def bootstrap(measure, *arrays: np.ndarray, draws: int = 1000, seed: int = 0) -> tuple[float, float, float]:
    """`measure(*arrays)` and its 95% interval over rows drawn with replacement."""
    generator, count = np.random.default_rng(seed), len(arrays[0])
    values = []
    for _ in range(draws):
        rows = generator.integers(0, count, count)
        values.append(measure(*(array[rows] for array in arrays)))
    low, high = np.quantile(values, (0.025, 0.975))
    return measure(*arrays), float(low), float(high)


def false_positives_at(recall: float):
    """A measure: the false-positive rate at the threshold that reaches `recall` on the same rows."""

    def measure(scores: np.ndarray, positive: np.ndarray) -> float:
        return rates(scores, positive, threshold(scores, positive, recall))[1]

    return measure
