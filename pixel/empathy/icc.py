"""Intraclass correlation: how much of what is read comes from what was said, and how much from its wording."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, undefined


def icc_agreement(table: ArrayLike) -> Measure:
    r"""
    ICC(2,1): absolute agreement of a single reading.

    .. math:: \frac{M_S - M_E}{M_S + (k - 1) M_E + k (M_V - M_E) / n}

    with :math:`M_S, M_V, M_E` the mean squares of sets, versions and the rest.

    Args:
        table: float `[sets, versions]`; sets with a NaN are left out.

    Returns:
        `Measure`: 1 where all versions of a set read the same, about 0 where a set says nothing (a sample's can be
        below 0); undefined below two sets or versions, or where nothing varies.

    Source: Shrout & Fleiss, "Intraclass correlations: uses in assessing rater reliability", 1979, case 2.
    """
    table = np.asarray(table, dtype=float)
    table = table[~np.isnan(table).any(1)]
    sets, versions = table.shape
    if sets < 2 or versions < 2:
        return undefined(f"{sets} sets of {versions} versions, two of each needed")
    mean, by_set, by_version = table.mean(), table.mean(1), table.mean(0)
    rest = table - by_set[:, None] - by_version + mean
    of_sets = versions * ((by_set - mean) ** 2).sum() / (sets - 1)
    of_versions = sets * ((by_version - mean) ** 2).sum() / (versions - 1)
    of_rest = (rest**2).sum() / ((sets - 1) * (versions - 1))
    bottom = of_sets + (versions - 1) * of_rest + versions * (of_versions - of_rest) / sets
    if bottom <= 1e-12:
        return undefined("all readings are the same")
    return defined((of_sets - of_rest) / bottom)


def spread_ratio(table: ArrayLike) -> Measure:
    """
    Standard deviation within sets over that between the sets' means: how much wording moves a reading, measured
    against how much the matter does. 0 is perfectly steady; at 1 wording counts as much as the matter.

    Args:
        table: float `[sets, versions]`; sets with a NaN are left out.
    """
    table = np.asarray(table, dtype=float)
    table = table[~np.isnan(table).any(1)]
    if len(table) < 2 or table.shape[1] < 2:
        return undefined(f"{len(table)} sets of {table.shape[1]} versions, two of each needed")
    between = table.mean(1).std(ddof=1)
    if between <= 1e-9:
        return undefined("the sets do not differ")
    return defined(np.sqrt(table.var(1, ddof=1).mean()) / between)
