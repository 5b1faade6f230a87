"""Means over items with their interval, as rows of an evaluation."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pixel.evaluation.context import Context
from pixel.evaluation.row import Row
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import defined


def mean_row(context: Context, values: Sequence[float], groups: Sequence[str] | None = None, **about: Any) -> Row:
    """
    The mean of item values, with its bootstrap interval over groups.

    Args:
        context: seed and resamples.
        values: one an item; none gives a row without a value.
        groups: person, thread or conversation of each.
        about: the other attributes of `Row`; `reason` is used only where there are no values.
    """
    numbers = np.asarray(values, dtype=float)
    if not len(numbers):
        return Row(value=None, n=0, **{"reason": "no item", **about})
    about.pop("reason", None)
    ends = bootstrap_interval(
        lambda index: defined(numbers[index].mean()), len(numbers), groups, resamples=context.resamples,
        seed=context.seed,
    )  # fmt: skip
    low, high = ends or (None, None)
    return Row(value=float(numbers.mean()), low=low, high=high, n=len(numbers), **about)
