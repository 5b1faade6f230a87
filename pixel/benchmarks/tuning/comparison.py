"""What the search was worth: the winner and the defaults trained again and measured where nothing was chosen."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t

from pixel.benchmarks.ablation import ablate, summarise
from pixel.benchmarks.frozen_study import FrozenStudy, mean_score
from pixel.benchmarks.strategies import BASELINE
from pixel.metrics.table import markdown


def compare(
    study: FrozenStudy, settings: Mapping[str, Any], seeds: Sequence[int], file: Path, base: Mapping[str, Any]
) -> dict[str, Any]:
    """
    Train defaults and winner with new seeds and measure the `test` half.

    Args:
        study: that the trials ran on.
        settings: the winner's.
        seeds: that no trial had.
        file: runs are kept here as they end, and not done twice.
        base: of both, such as the step budget.

    Returns:
        `seeds`; `rows`: for the mean score (`mean`) and each objective, `default` and `tuned` (means over seeds) and
        `difference` with its 95% interval (`low`, `high`: Student's t over seeds, paired by seed); `delta_m`, percent,
        negative where the winner is better, with its interval.
    """
    runs = ablate(study, {BASELINE: dict(base), "tuned": {**base, **settings}}, seeds, file)
    scores: dict[str, dict[str, list[float]]] = {}
    for run in runs:
        for name, value in _scores(run["test"]).items():
            scores.setdefault(name, {}).setdefault(run["strategy"], []).append(value)
    rows = [{"objective": name, **paired(by[BASELINE], by["tuned"])} for name, by in scores.items()]
    try:
        summary = next(row["over_sum"] for row in summarise(runs) if row["strategy"] == "tuned")
    except ValueError:  # the defaults read nothing well enough for a relative change
        summary = None
    return {"seeds": list(seeds), "rows": rows, "delta_m": None if summary is None else list(summary)}


def paired(default: Sequence[float], tuned: Sequence[float]) -> dict[str, float | None]:
    """Means, mean difference by pairs, and its 95% interval (`None` below two pairs)."""
    difference = np.asarray(tuned, dtype=float) - np.asarray(default, dtype=float)
    n, mean = len(difference), float(difference.mean())
    half = float(t.ppf(0.975, n - 1) * difference.std(ddof=1) / np.sqrt(n)) if n > 1 else None
    return {
        "default": float(np.mean(default)),
        "tuned": float(np.mean(tuned)),
        "difference": mean,
        "low": None if half is None else mean - half,
        "high": None if half is None else mean + half,
    }


def comparison_markdown(comparison: Mapping[str, Any]) -> str:
    """The rows as a table."""
    rows = [
        [row["objective"], row["default"], row["tuned"], f"{row['difference']:+.4f}", _interval(row)]
        for row in comparison["rows"]
    ]
    return markdown(["held-out people", "default", "tuned", "difference", "95% interval"], rows, digits=4)


def _scores(measured: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    by_objective = {name: float(np.mean(list(metrics.values()))) for name, metrics in measured.items()}
    return {"mean": mean_score(measured)} | by_objective


def _interval(row: Mapping[str, Any]) -> str:
    return "-" if row["low"] is None else f"{row['low']:+.4f} to {row['high']:+.4f}"
