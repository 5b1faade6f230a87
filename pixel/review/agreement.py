"""Agreement: Krippendorff's alpha for each question, with an interval, and the reason where there is none."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel.metrics.krippendorff_alpha import alpha_interval, krippendorff_alpha
from pixel.review.errors import ReviewError


def agreement(items: Sequence[Mapping[str, int | None]], resamples: int = 500) -> dict[str, Any]:
    """
    How far people agree on one question, beyond chance: 1 is full agreement, 0 is chance.

    Args:
        items: for each item, person -> value (`None`: unsure, counts for nothing). Items with fewer than two values
            say nothing of agreement and are left out. Values are taken as ordered, not as distances.
        resamples: of the bootstrap over items; 0: no interval.

    Returns:
        `{"alpha", "low", "high", "n", "raters", "reason"}`: `n` items with two values or more; `alpha` is `None` with
        a `reason` where it is undefined, above all where everybody gave the same value to everything: alpha cannot
        tell that from chance.

    Raises:
        ReviewError: the package `krippendorff` is not installed.

    Source: `pixel.metrics.krippendorff_alpha`; the interval draws items with replacement.
    """
    paired = [values for one in items if len(values := _sure(one)) > 1]
    about = {"n": len(paired), "raters": len({person for one in paired for person in one})}
    table = _table(paired)
    try:
        measure = krippendorff_alpha(table)
        interval = alpha_interval(table, resamples=resamples) if measure.value is not None else None
    except ModuleNotFoundError:
        raise ReviewError('agreement needs the package krippendorff. Mend: pip install -e ".[review]"') from None
    low, high = interval or (None, None)
    return {"alpha": measure.value, "low": low, "high": high} | about | {"reason": measure.reason}


def _sure(one: Mapping[str, int | None]) -> dict[str, int]:
    return {person: value for person, value in one.items() if value is not None}


def _table(paired: Sequence[Mapping[str, int]]) -> np.ndarray:
    """Float `[items, most values of one item]`, NaN behind: alpha does not ask whose value is whose."""
    width = max(map(len, paired), default=2)
    rows = [[*one.values(), *[np.nan] * (width - len(one))] for one in paired]
    return np.array(rows, dtype=float).reshape(len(paired), width)
