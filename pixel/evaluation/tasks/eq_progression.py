"""EQ over training: the domains' correlations at every checkpoint, and what changed from the first to the last."""

from pathlib import Path

import numpy as np

from pixel.evaluation.context import Context
from pixel.evaluation.row import Row
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.evaluation.tasks.eq import CORPORA, WRITERS, ratings
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import Measure, undefined
from pixel.metrics.pearson import pearson


class EQProgression:
    """
    Rows `DOMAIN/CORPUS/STEP`: Pearson's r of read-out and rating at a checkpoint. Rows `DOMAIN/CORPUS/change`: the
    last version's minus the first's on the turns that both read, with the interval of a bootstrap that draws both on
    the same turns. The model itself is the last version.
    """

    name, group, needs = "eq_progression", "eq", ("readouts", "checkpoints")
    about = "EQ domains at every checkpoint, and the change from first to last"

    def run(self, context: Context) -> TaskResult:
        read, notes = {}, []
        for folder in context.progress(context.checkpoints, name=self.name):
            try:
                name = step_name(folder)
                name = f"{folder.parent.name}_{name}" if name in read else name
                read[name] = _readings(context.of_checkpoint(folder))
            except (ValueError, OSError, TaskSkipped) as problem:
                notes.append(f"{folder.name} left out: {str(problem).splitlines()[0]}")
        read["final"] = _readings(context)
        if len(read) < 2:
            raise TaskSkipped("; ".join(notes) or "no checkpoint")
        rows = [
            _row(context, f"{key}/{step}", said, rated, turns)
            for key in read["final"]
            for step, found in read.items()
            for said, rated, turns in [found[key]]
            if key in found
        ]
        first = next(iter(read))
        rows += [
            _change(context, key, read[first][key], read["final"][key]) for key in read["final"] if key in read[first]
        ]
        return TaskResult(rows, [], notes)


def step_name(folder: Path) -> str:
    """`step_120` for `checkpoint-120`, else the folder's name."""
    last = folder.name.rpartition("-")[2]
    return f"step_{last}" if folder.name.startswith("checkpoint-") and last.isdigit() else folder.name


def _readings(context: Context) -> dict:
    found = {}
    for corpus in CORPORA:
        try:
            found |= {f"{domain}/{corpus}": values for domain, values in ratings(context, corpus).items()}
        except TaskSkipped:
            continue
    return found


def _about(metric: str) -> dict:
    corpus = metric.split("/")[1]
    return {
        "task": EQProgression.name, "group": EQProgression.group, "metric": metric, "majority": 0.0,
        "against": WRITERS if corpus == "seed" else f"ratings of {corpus}; see the task eq",
    }  # fmt: skip


def _row(context: Context, metric: str, said: np.ndarray, rated: np.ndarray, turns) -> Row:
    found = pearson(rated, said)
    ends = None
    if found.value is not None:
        ends = bootstrap_interval(
            lambda index: pearson(rated[index], said[index]), len(said), turns.groups, resamples=context.resamples,
            seed=context.seed,
        )  # fmt: skip
    low, high = ends or (None, None)
    return Row(value=found.value, low=low, high=high, n=len(said), reason=found.reason, **_about(metric))


def _change(context: Context, key: str, first: tuple, last: tuple) -> Row:
    turns = last[2]
    _, old, new = np.intersect1d(first[2].ids, turns.ids, return_indices=True)
    before, after, rated, groups = first[0][old], last[0][new], last[1][new], turns.groups[new]

    def change(index: np.ndarray) -> Measure:
        was, now = pearson(rated[index], before[index]).value, pearson(rated[index], after[index]).value
        return undefined("no correlation at one of the two") if was is None or now is None else Measure(now - was)

    measured = change(np.arange(len(rated)))
    ends = None
    if measured.value is not None:
        ends = bootstrap_interval(change, len(rated), groups, resamples=context.resamples, seed=context.seed)
    low, high = ends or (None, None)
    return Row(
        value=measured.value, low=low, high=high, n=len(rated), reason=measured.reason, **_about(f"{key}/change")
    )
