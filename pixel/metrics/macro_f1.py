"""Macro-F1: the mean of the classes' F1, so that a rare class weighs as much as a common one."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, too_few, undefined


def macro_f1(targets: ArrayLike, predictions: ArrayLike) -> Measure:
    r"""
    Macro-F1 over exclusive classes.

    .. math:: \frac{1}{|C|} \sum_{c \in C} \frac{2\,TP_c}{2\,TP_c + FP_c + FN_c}

    where :math:`C` are the classes that occur among targets or predictions (scikit-learn's convention).

    Args:
        targets: int `[turns]`, class ids.
        predictions: int `[turns]`.

    Returns:
        `Measure` in [0, 1]; undefined below two turns or where the targets hold one class only.
    """
    from sklearn.metrics import f1_score

    targets, predictions = np.asarray(targets), np.asarray(predictions)
    if (few := too_few(len(targets))) is not None:
        return few
    if len(np.unique(targets)) < 2:
        return undefined("the targets hold one class only")
    return defined(f1_score(targets, predictions, average="macro", zero_division=0))


def macro_f1_multilabel(
    targets: ArrayLike, predictions: ArrayLike, classes: ArrayLike | None = None, min_positives: int = 0
) -> Measure:
    """
    Macro-F1 over independent labels, some of whose answers may be unknown.

    Args:
        targets: float `[turns, labels]` in [0, 1] (present from 0.5), NaN where unknown: such an entry counts
            neither for nor against.
        predictions: bool `[turns, labels]`.
        classes: label indices to average over; `None`: those with at least `min_positives` positives.
        min_positives: 0 averages over all labels, as published for GoEmotions; a label without a positive scores 0.

    Returns:
        `Measure` in [0, 1]; undefined below two turns, or where no label is left.
    """
    from sklearn.metrics import f1_score

    targets = np.asarray(targets, dtype=float)
    if (few := too_few(int((~np.isnan(targets)).any(-1).sum()))) is not None:
        return few
    known = ~np.isnan(targets)
    present = known & (np.nan_to_num(targets) >= 0.5)
    said = known & np.asarray(predictions, dtype=bool)  # unknown: a true negative, which F1 does not count
    if classes is None:
        classes = frequent_labels(targets, min_positives)
    classes = np.asarray(classes, dtype=int)
    if not len(classes):
        return undefined(f"no label has {max(min_positives, 1)} positives")
    if not present[:, classes].any():
        return undefined("no label has a positive")
    if len(classes) == 1:  # scikit-learn would read a single column as two classes
        return defined(f1_score(present[:, classes[0]], said[:, classes[0]], zero_division=0))
    return defined(f1_score(present[:, classes], said[:, classes], average="macro", zero_division=0))


def frequent_labels(targets: ArrayLike, min_positives: int) -> np.ndarray:
    """
    Indices of the labels with at least `min_positives` positives.

    Args:
        targets: float `[turns, labels]`, NaN where unknown.
        min_positives: 0 keeps every label.
    """
    positives = (np.nan_to_num(np.asarray(targets, dtype=float)) >= 0.5).sum(0)
    return np.flatnonzero(positives >= min_positives)
