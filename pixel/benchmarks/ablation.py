"""An ablation: every strategy with every seed on one frozen study, resumable, and the table of what it changed."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t
from tqdm.auto import tqdm

from pixel.benchmarks.frozen_study import FrozenStudy, mean_score
from pixel.benchmarks.strategies import BASELINE
from pixel.metrics.delta_m import delta_m
from pixel.metrics.table import markdown

READABLE = 0.1
"""What the plain sum must reach on a metric (r or Somers' D, chance is 0) for it to be compared."""


def ablate(
    study: FrozenStudy, chosen: Mapping[str, Mapping[str, Any]], seeds: Sequence[int], file: Path, curve_every: int = 0
) -> list[dict]:
    """
    Run what `file` does not hold yet, one line of JSON a run.

    Args:
        study: the turns and the budget.
        chosen: strategy -> settings; `single:NAME` trains on the rows that label that objective.
        seeds: of each.
        curve_every: steps between points of a learning curve; 0 for none.
        file: where runs are kept; a run stands for its strategy, settings and seed. A line cut short by a kill is
            passed by.

    Returns:
        all runs asked for, in order.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    done = {_key(run["strategy"], run["settings"], run["seed"]): run for run in _read(file)}
    wanted = [(name, settings, seed) for seed in seeds for name, settings in chosen.items()]
    for name, settings, seed in (bar := tqdm(wanted, desc="Ablation")):
        bar.set_postfix_str(f"{name}, seed {seed}")
        key = _key(name, settings, seed)
        if key not in done:
            only = name.removeprefix("single:") if name.startswith("single:") else None
            run = study.run(settings, seed, parts=("test",), only=only, curve_every=curve_every)
            done[key] = {"strategy": name} | run
            _append(file, json.dumps(done[key]))
    return [done[_key(*run)] for run in wanted]


def summarise(runs: Sequence[dict]) -> list[dict[str, Any]]:
    """
    A row a strategy: mean score, delta-m against the plain sum and against single-objective runs, with intervals.

    Each seed is compared with the same seed's baseline. Metrics that the plain sum cannot read (mean over seeds below
    `READABLE`) are left out for all. Intervals are 95 percent, Student's t over seeds.
    """
    by_name: dict[str, dict[int, dict]] = {}
    for run in runs:
        by_name.setdefault(run["strategy"], {})[run["seed"]] = run["test"]
    readable = _readable(by_name[BASELINE])
    singles = {name: runs for name, runs in by_name.items() if name.startswith("single:")}
    rows = []
    for name, seeds in by_name.items():
        if name in singles:
            continue
        over_sum, over_single, scores = [], [], []
        for seed, measured in seeds.items():
            measured = _kept(measured, readable)
            scores.append(mean_score(measured))
            if seed in by_name[BASELINE]:
                over_sum.append(delta_m(measured, _kept(by_name[BASELINE][seed], readable)))
            alone = {
                name.removeprefix("single:"): _kept(runs[seed], readable)[name.removeprefix("single:")]
                for name, runs in singles.items()
                if seed in runs and name.removeprefix("single:") in readable
            }
            alone = {task: kept for task, many in alone.items() if (kept := {n: v for n, v in many.items() if v > 0})}
            if alone:  # what a run of its own did not learn at all gives no measure of change
                over_single.append(delta_m(measured, alone))
        rows.append(
            {
                "strategy": name,
                "score": float(np.mean(scores)),
                "over_sum": _interval(over_sum),
                "over_single": _interval(over_single) if over_single else None,
                "seeds": len(scores),
            }
        )
    return sorted(rows, key=lambda row: row["over_sum"][0])


def ablation_markdown(rows: Sequence[dict]) -> str:
    """The rows as a table; delta-m in percent, lower is better."""
    return markdown(
        ["strategy", "mean score", "delta-m over the plain sum", "delta-m over single objectives", "seeds"],
        [
            [row["strategy"], row["score"], _spread(row["over_sum"]), _spread(row["over_single"]), row["seeds"]]
            for row in rows
        ],
    )


def curves_markdown(runs: Sequence[dict]) -> str:
    """Mean score over seeds at each point of the learning curves."""
    by_name: dict[str, list[list]] = {}
    for run in runs:
        if run.get("curve"):
            by_name.setdefault(run["strategy"], []).append(run["curve"])
    steps = [step for step, _ in next(iter(by_name.values()))[0]]
    rows = [[name, *np.mean([[y for _, y in c] for c in many], 0).tolist()] for name, many in by_name.items()]
    return markdown(["mean score after step", *map(str, steps)], rows)


def _readable(baseline: Mapping[int, dict]) -> dict[str, set[str]]:
    values: dict[tuple[str, str], list[float]] = {}
    for measured in baseline.values():
        for task, metrics in measured.items():
            for name, value in metrics.items():
                values.setdefault((task, name), []).append(value)
    found: dict[str, set[str]] = {}
    for (task, name), many in values.items():
        if np.mean(many) >= READABLE and min(many) > 0:
            found.setdefault(task, set()).add(name)
    return found


def _kept(measured: dict, readable: Mapping[str, set[str]]) -> dict[str, dict[str, float]]:
    return {task: {n: v for n, v in measured[task].items() if n in names} for task, names in readable.items()}


def _interval(values: Sequence[float]) -> tuple[float, float, float]:
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, float("nan"), float("nan")
    half = float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return mean, mean - half, mean + half


def _spread(interval: tuple[float, float, float] | None) -> str:
    if interval is None:
        return "-"
    mean, low, high = interval
    return f"{mean:+.2f}" if np.isnan(low) else f"{mean:+.2f} ({low:+.2f} to {high:+.2f})"


def _key(name: str, settings: Mapping[str, Any], seed: int) -> str:
    return json.dumps([name, settings, seed], sort_keys=True)


def _append(file: Path, line: str) -> None:
    """A new line, also after one that a kill cut short."""
    with file.open("a+b") as out:
        if out.tell():
            out.seek(-1, 2)
            line = line if out.read(1) == b"\n" else f"\n{line}"
        out.write(f"{line}\n".encode())


def _read(file: Path) -> list[dict]:
    runs = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        try:
            runs.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return runs
