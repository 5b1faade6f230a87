"""Mean relative change over tasks: one number for a multi-task method beside a baseline."""

from collections.abc import Mapping

import numpy as np


def delta_m(values: Mapping[str, Mapping[str, float]], baseline: Mapping[str, Mapping[str, float]]) -> float:
    r"""
    Mean relative change, in percent; lower is better.

    .. math:: \Delta_m = \frac{100}{T} \sum_t \frac{1}{|M_t|} \sum_{m \in M_t} -\frac{v_{tm} - b_{tm}}{b_{tm}}

    Source: Maninis, Radosavovic & Kokkinos, "Attentive Single-Tasking of Multiple Tasks", CVPR 2019, with the metrics
    of one task averaged first, so that a task with many metrics counts once.

    Args:
        values: task -> metric -> value of the method; more is better for every metric.
        baseline: likewise, of the method to compare with. Metrics that either side lacks are left out.

    Returns:
        percent; negative where the method is better.

    Raises:
        ValueError: nothing to compare, or a baseline value that is not positive.

    Example:
        >>> delta_m({"a": {"f1": 0.55}, "b": {"r": 0.4}}, {"a": {"f1": 0.5}, "b": {"r": 0.5}})
        5.0
    """
    changes = []
    for task, metrics in baseline.items():
        shared = [name for name in metrics if name in values.get(task, {})]
        for name in shared:
            if metrics[name] <= 0:
                found = f"{task}/{name} of the baseline is {metrics[name]}"
                raise ValueError(f"{found}; a relative change needs it above 0")
        if shared:
            changes.append(np.mean([-(values[task][name] - metrics[name]) / metrics[name] for name in shared]))
    if not changes:
        raise ValueError("the method and the baseline have no metric in common")
    return round(100 * float(np.mean(changes)), 10)
