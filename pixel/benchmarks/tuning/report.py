"""What a study found, ready for JSON."""

from collections.abc import Sequence
from typing import Any

from pixel.benchmarks.tuning.plots import importances
from pixel.benchmarks.tuning.store import counts


def figures_of(study, best, default, names: Sequence[str] | None = None) -> dict[str, Any]:
    """
    Args:
        study: Optuna's.
        best: its winner (see `best_trial`).
        default: the trial of the default settings, or `None`.
        names: of its objectives, where there are several.

    Returns:
        `summary` (a sentence or two), `counts`, `best` and `default` (number, values, scores by objective, settings),
        `importance` (objective -> parameter -> share), and with several objectives `front`, a list like `best`.
    """
    many, complete = counts(study), [t for t in study.get_trials(deepcopy=False) if t.state.name == "COMPLETE"]
    summary = f"{many['complete']} trials complete, {many['pruned']} pruned, {many['failed']} failed. "
    if best.user_attrs.get("default"):
        summary += "No trial was better than the default settings."
    else:
        summary += f"On the people who chose, trial {best.number} has {_values(best)}"
        summary += "." if default is None else f", the defaults {_values(default)}."
    names = list(names or ["mean"])
    found = {
        "summary": summary,
        "study": study.study_name,
        "counts": many,
        "best": describe(best),
        "default": None if default is None else describe(default),
        "importance": {name: importances(study, complete, index) for index, name in enumerate(names)},
    }
    if len(names) > 1:
        found["front"] = [describe(trial) for trial in study.best_trials]
    return found


def describe(trial) -> dict[str, Any]:
    """One trial, ready for JSON."""
    kept = {name: trial.user_attrs.get(name) for name in ("scores", "settings", "seconds")}
    return {"number": trial.number, "values": trial.values, "params": trial.params} | kept


def _values(trial) -> str:
    return ", ".join(f"{value:.4f}" for value in trial.values)
