"""Area under the ROC curve: how often a positive turn is ranked above a negative one. Needs no threshold."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, too_few, undefined


def auc(targets: ArrayLike, scores: ArrayLike) -> Measure:
    r"""
    Probability that a random positive scores above a random negative, ties counting half.

    Args:
        targets: bool `[turns]`.
        scores: float `[turns]`, any monotone scale.

    Returns:
        `Measure` in [0, 1], 0.5 for scores that say nothing; undefined below two turns or where the targets hold one
        class only.

    Source: Hanley & McNeil, "The meaning and use of the area under a receiver operating characteristic curve", 1982.
    """
    from sklearn.metrics import roc_auc_score

    targets, scores = np.asarray(targets, dtype=bool), np.asarray(scores, dtype=float)
    if (few := too_few(len(targets))) is not None:
        return few
    if targets.all() or not targets.any():
        return undefined("the targets hold one class only")
    return defined(roc_auc_score(targets, scores))
