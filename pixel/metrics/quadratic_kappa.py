"""Quadratic weighted kappa: agreement on ordered levels beyond chance, far misses costing by their square."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, too_few, undefined


def quadratic_kappa(targets: ArrayLike, predictions: ArrayLike, levels: int | None = None) -> Measure:
    r"""
    Cohen's kappa with quadratic weights.

    .. math:: \kappa = 1 - \frac{\sum_{ij} (i - j)^2 O_{ij}}{\sum_{ij} (i - j)^2 E_{ij}}

    where :math:`O` counts the pairs (target, prediction) and :math:`E` is what the two margins give by chance.

    Args:
        targets: int `[turns]` in `0 .. levels - 1`.
        predictions: int `[turns]` in `0 .. levels - 1`.
        levels: number of levels; `None`: up to the highest that occurs. A level that nobody used changes nothing.

    Returns:
        `Measure` in [-1, 1], 0 at chance; undefined below two turns or where the targets hold one level only.

    Source: Cohen, "Weighted kappa: nominal scale agreement with provision for scaled disagreement", 1968.
    """
    from sklearn.metrics import cohen_kappa_score

    targets, predictions = np.asarray(targets, dtype=int), np.asarray(predictions, dtype=int)
    if (few := too_few(len(targets))) is not None:
        return few
    if len(np.unique(targets)) < 2:
        return undefined("the targets hold one level only")
    levels = levels or int(max(targets.max(), predictions.max())) + 1
    return defined(cohen_kappa_score(targets, predictions, labels=list(range(levels)), weights="quadratic"))
