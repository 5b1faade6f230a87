"""Values that stand out of a short series."""

from collections.abc import Sequence

import numpy as np

LEAST = 5
"""Below this many values none can stand out."""


def outliers(values: Sequence[float], threshold: float = 3.5) -> list[bool]:
    """
    Which values lie far from the median, measured by the median absolute deviation.

    .. math:: z_i = 0.6745 \\, (x_i - \\tilde x) / \\mathrm{MAD}

    Args:
        values: finite floats `[n]`.
        threshold: |z| above which a value stands out. Where half of the values are equal (a MAD of 0) the mean
            absolute deviation stands in, scaled by .7979, as the source says.

    Returns:
        `[n]`; all `False` below five values.

    Source: Iglewicz & Hoaglin, "How to Detect and Handle Outliers", 1993.

    Example:
        >>> outliers([1.0, 1.1, 0.9, 1.0, 5.0])
        [False, False, False, False, True]
    """
    numbers = np.asarray(values, dtype=float)
    if len(numbers) < LEAST:
        return [False] * len(numbers)
    distance = np.abs(numbers - np.median(numbers))
    spread, scale = np.median(distance), 0.6745
    if spread == 0:
        spread, scale = distance.mean(), 0.7979
    if spread == 0:
        return [False] * len(numbers)
    return (scale * distance / spread > threshold).tolist()
