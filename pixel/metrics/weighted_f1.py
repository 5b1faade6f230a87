"""Weighted F1: the classes' F1 weighted by how often each occurs; the customary figure for MELD and EmoryNLP."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, too_few, undefined


def weighted_f1(targets: ArrayLike, predictions: ArrayLike) -> Measure:
    r"""
    F1 of each class, weighted by its share of the targets.

    .. math:: \sum_c \frac{n_c}{n} F1_c

    Args:
        targets: int `[turns]`, class ids.
        predictions: int `[turns]`.

    Returns:
        `Measure` in [0, 1]; undefined below two turns or where the targets hold one class only.

    Source: Poria et al., "MELD: A Multimodal Multi-Party Dataset for Emotion Recognition in Conversations", ACL 2019.
    """
    from sklearn.metrics import f1_score

    targets, predictions = np.asarray(targets), np.asarray(predictions)
    if (few := too_few(len(targets))) is not None:
        return few
    if len(np.unique(targets)) < 2:
        return undefined("the targets hold one class only")
    return defined(f1_score(targets, predictions, average="weighted", zero_division=0))


def among_known(probabilities: ArrayLike, targets: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Read partly known multilabel rows as a choice of one class among the known ones.

    A corpus with seven emotions knows seven of the 28 labels of a turn; the model's answer is the likeliest of those.

    Args:
        probabilities: float `[turns, labels]`.
        targets: float `[turns, labels]`, NaN where the corpus has no such class.

    Returns:
        `(targets, predictions, kept)`: int `[kept turns]` twice, and bool `[turns]`: the rows with at least two known
        classes and exactly one of them (at 0.5 or above) present.
    """
    targets, probabilities = np.asarray(targets, dtype=float), np.asarray(probabilities, dtype=float)
    known = ~np.isnan(targets)
    present = known & (np.nan_to_num(targets) >= 0.5)
    kept = (present.sum(-1) == 1) & (known.sum(-1) >= 2)
    predictions = np.where(known[kept], probabilities[kept], -np.inf).argmax(-1)
    return present[kept].argmax(-1), predictions, kept
