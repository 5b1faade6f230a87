"""Runs side by side: settings that differ, data and code that differ, figures with their intervals, what got worse."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pixel.tracking.registry import Run

LOWER_IS_BETTER = ("loss", "ece", "violation", "perplexity", "seconds")
PASSED_OVER = ("output_dir", "run_name", "logging_dir", "hub_model_id", "local_rank", "tracking")


def compare_runs(runs: Sequence[Run], least: float = 0.0) -> dict[str, Any]:
    """
    Args:
        runs: the first is what the others are held against.
        least: smallest difference that counts as one.

    Returns:
        `runs` (names), `settings` and `data` and `code` (name -> a value each run, where they differ), `figures`
        (name, `values` and `intervals` a run, and `verdicts` of all but the first: `worse`, `better` or `""`),
        `regressed` (names of figures that are worse in any).
    """
    figures = [run.figures() for run in runs]
    rows = []
    for name in sorted(set().union(*figures)):
        found = [each.get(name) for each in figures]
        first = found[0]
        rows.append(
            {
                "name": name,
                "values": [one and one["value"] for one in found],
                "intervals": [None if not one or one["low"] is None else [one["low"], one["high"]] for one in found],
                "verdicts": [verdict(name, first, one, least) for one in found[1:]],
            }
        )
    return {
        "runs": [run.name for run in runs],
        "steps": [run.step for run in runs],
        "settings": differing([run.lineage.get("config", {}) for run in runs]),
        "data": differing([_data(run) for run in runs]),
        "code": differing([_code(run) for run in runs]),
        "figures": rows,
        "regressed": [row["name"] for row in rows if "worse" in row["verdicts"]],
    }


def verdict(name: str, first: Mapping[str, Any] | None, other: Mapping[str, Any] | None, least: float = 0.0) -> str:
    """
    `worse` or `better` where the other value lies outside the first one's interval and is `least` away; else `""`.

    A figure without an interval (a loss) counts as it stands; a value that is not finite is worse than one that is.

    Example:
        >>> verdict("a/risk/auc", {"value": 0.8, "low": 0.7, "high": 0.9}, {"value": 0.6})
        'worse'
        >>> verdict("held out/loss", {"value": 2.0, "low": None, "high": None}, {"value": 1.5})
        'better'
    """
    if not first or not other or first["value"] is None or other["value"] is None:
        return ""
    was, now = float(first["value"]), float(other["value"])
    if not math.isfinite(now) or not math.isfinite(was):
        return "worse" if math.isfinite(was) and not math.isfinite(now) else ""
    low, high = (first.get("low"), first.get("high")) if first.get("low") is not None else (was, was)
    if low <= now <= high or abs(now - was) <= least:
        return ""
    lower = any(word in name.rsplit("/", 1)[-1] for word in LOWER_IS_BETTER)
    return "better" if (now < was) == lower else "worse"


def differing(each: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Dotted name -> the value in each mapping (`None` where it lacks it), for those that are not all the same."""
    flat = [_flat(one) for one in each]
    names = sorted(set().union(*flat)) if flat else []
    table = {name: [one.get(name) for one in flat] for name in names}
    return {
        name: values
        for name, values in table.items()
        if any(value != values[0] for value in values[1:]) and name.rsplit(".", 1)[-1] not in PASSED_OVER
        and not any(f".{word}." in f".{name}." for word in PASSED_OVER)
    }  # fmt: skip


def _flat(nested: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in nested.items():
        if isinstance(value, Mapping) and value:
            found |= _flat(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = value
    return found


def _data(run: Run) -> dict[str, Any]:
    return {
        name: {key: about.get(key) for key in ("hash", "rows", "held_out", "held_out_hash")}
        for name, about in run.lineage.get("data", {}).items()
    }


def _code(run: Run) -> dict[str, Any]:
    said = {key: run.lineage.get(key) or {} for key in ("code", "packages", "machine", "parent")}
    return said | {"parent": {key: said["parent"].get(key) for key in ("name", "hash", "run")}}
