"""Wasserstein distance: how far, on the scale itself, one group's values would have to move to become the other's."""

from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined
from pixel.metrics.samples import two_samples


def wasserstein_distance(people: ArrayLike, model: ArrayLike) -> Measure:
    r"""
    First Wasserstein (earth mover's) distance, in the units of the scale. Lower is closer.

    .. math:: \int |F_{people}(x) - F_{model}(x)| \, dx

    Args:
        people, model: float `[any]`, NaN where missing; not paired, so the lengths may differ.

    Returns:
        `Measure`, at least 0; undefined where either side has fewer than two values.

    Source: Rubner, Tomasi & Guibas, "The earth mover's distance as a metric for image retrieval", 2000.
    """
    from scipy.stats import wasserstein_distance as distance

    samples = two_samples(people, model)
    return samples if isinstance(samples, Measure) else defined(distance(*samples))
