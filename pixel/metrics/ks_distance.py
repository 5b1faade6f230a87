"""Kolmogorov-Smirnov distance: the widest gap between how two groups are spread over a scale."""

from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined
from pixel.metrics.samples import two_samples


def ks_distance(people: ArrayLike, model: ArrayLike) -> Measure:
    r"""
    Largest difference of the two empirical distribution functions. Lower is closer.

    .. math:: \sup_x |F_{people}(x) - F_{model}(x)|

    Args:
        people, model: float `[any]`, NaN where missing; not paired, so the lengths may differ.

    Returns:
        `Measure` in [0, 1]: 0 for the same spread, 1 where the two do not overlap; undefined where either side has
        fewer than two values.

    Source: Smirnov, "Table for estimating the goodness of fit of empirical distributions", 1948.
    """
    from scipy.stats import ks_2samp

    samples = two_samples(people, model)
    return samples if isinstance(samples, Measure) else defined(ks_2samp(*samples).statistic)
