"""How large a difference is, beside how sure."""

from typing import NamedTuple

import numpy as np


class Effect(NamedTuple):
    """
    Size of a paired difference.

    Attributes:
        standardised: mean difference over the standard deviation of the items' differences (Cohen's d_z); `None`
            where all items moved alike or there is one item. .2 small, .5 medium, .8 large, by Cohen's rule of thumb.
        higher, lower, same: share of the items whose value rose, fell, stayed; they sum to 1.
    """

    standardised: float | None
    higher: float
    lower: float
    same: float


def effect_size(differences: np.ndarray) -> Effect | None:
    """
    Args:
        differences: float `[n]`, after less before.

    Returns:
        [`Effect`], or `None` without items.

    Source: Cohen, "Statistical Power Analysis", 1988, section 2.3.5.
    """
    if not len(differences):
        return None
    spread = differences.std(ddof=1) if len(differences) > 1 else 0.0
    standardised = float(differences.mean() / spread) if spread > 1e-12 else None
    shares = (float((differences > 0).mean()), float((differences < 0).mean()), float((differences == 0).mean()))
    return Effect(standardised, *shares)
