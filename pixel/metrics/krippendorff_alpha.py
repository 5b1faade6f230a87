"""Krippendorff's alpha: how far several raters agree beyond chance, when not everybody rated everything."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import Measure, defined, undefined

LEVELS = ("nominal", "ordinal", "interval", "ratio")


def krippendorff_alpha(ratings: ArrayLike, level: str = "ordinal") -> Measure:
    r"""
    Agreement of raters.

    .. math:: \alpha = 1 - \frac{D_{observed}}{D_{expected}}

    where :math:`D` is the mean disagreement between two ratings of one item, and between any two ratings. Customary
    reading: from .8 reliable, .667 to .8 tentative, below that not to be built on; 0 is chance.

    Args:
        ratings: float `[items, raters]`, NaN (or `None`) where a person did not rate an item.
        level: of measurement, which decides what a disagreement costs: `nominal`, `ordinal`, `interval`, `ratio`.

    Returns:
        `Measure` up to 1; undefined where no item has two ratings, or where all ratings are the same: agreement on a
        scale of which one value was used cannot be told from not having looked.

    Raises:
        ValueError: an unknown level, or ratings that are not a table.
        ModuleNotFoundError: the library is not installed; says how to mend it.

    Source: Krippendorff, "Content Analysis", 4th edition, 2019, chapter 12; the library `krippendorff`.
    """
    if level not in LEVELS:
        raise ValueError(f"no level of measurement is called {level!r}; one of: {', '.join(LEVELS)}")
    ratings = np.asarray(ratings, dtype=float)
    if ratings.ndim != 2:
        raise ValueError(f"ratings have shape {ratings.shape}; [items, raters] needed")
    paired = ratings[(~np.isnan(ratings)).sum(-1) >= 2]
    if not len(paired):
        return undefined("no item has two ratings")
    if np.nanmin(paired) == np.nanmax(paired):
        return undefined("all ratings are the same")
    try:
        from krippendorff import alpha
    except ModuleNotFoundError as error:
        mend = 'Mend: pip install -e ".[eval]"'
        raise ModuleNotFoundError(f"alpha needs the library krippendorff. {mend}", name=error.name) from None
    return defined(alpha(reliability_data=paired.T, level_of_measurement=level))


def alpha_interval(
    ratings: ArrayLike, level: str = "ordinal", resamples: int = 500, seed: int = 0
) -> tuple[float, float] | None:
    """
    95% bootstrap interval of alpha over items, or `None` where alpha is undefined on most draws.

    Args:
        ratings, level: as in `krippendorff_alpha`.
        resamples: draws.
        seed: of the draws.
    """
    ratings = np.asarray(ratings, dtype=float)
    return bootstrap_interval(
        lambda rows: krippendorff_alpha(ratings[rows], level), len(ratings), resamples=resamples, seed=seed
    )
