"""Two samples side by side: what every comparison of distributions asks of them first."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, undefined


def two_samples(first: ArrayLike, second: ArrayLike, least: int = 2) -> tuple[np.ndarray, np.ndarray] | Measure:
    """
    Both samples as floats without their missing values.

    Args:
        first, second: float `[any]`, NaN (or `None`) where a value is missing; they need not be equally long.
        least: values that each must hold.

    Returns:
        both arrays, or an undefined `Measure` where one is too small.
    """
    kept = []
    for name, values in (("people", first), ("the model", second)):
        values = np.asarray(values, dtype=float)
        values = values[~np.isnan(values)]
        if len(values) < least:
            found = f"{len(values)} value{'' if len(values) == 1 else 's'}"
            return undefined(f"{found} of {name}, {least} needed")
        kept.append(values)
    return kept[0], kept[1]
