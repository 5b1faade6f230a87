"""Every head on every corpus that labels it, beside majority, message length, ten-minute and published figures."""

from collections.abc import Iterator

import numpy as np

from pixel.evaluation.context import Context
from pixel.evaluation.items import Item
from pixel.evaluation.labelled import Labelled, labelled_turns
from pixel.evaluation.length import length_scores
from pixel.evaluation.row import Row
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.metrics import Result, evaluate_field, levels_of, mean_result
from pixel.models.labels import EPITOME_MECHANISMS, FIELDS

CORPORA = (
    "epitome", "annomi", "goemotions", "meld", "emorynlp", "empatheticdialogues", "emobank", "esconv", "counselchat",
    "cssrs", "dreaddit", "seed",
)  # fmt: skip
MOST = 2000
"""Conversations of a corpus that are read at most."""
DERIVED = {
    ("eq", "epitome"): "derived from EPITOME's levels, no one rated it",
    ("eq_total", "esconv"): "seekers' feedback on their supporter",
}
"""Labels that are not simply what a person said of the turn."""


class Readouts:
    """The read-outs of all heads, at the operating points that the model ships with."""

    name, group, needs = "readouts", "readouts", ("readouts",)
    about = "every head on the corpora that label it"

    def run(self, context: Context) -> TaskResult:
        rows: list[Row] = []
        items: list[Item] = []
        notes: list[str] = []
        for corpus in context.progress(CORPORA, name=self.name):
            try:
                given = context.sample([row for row in context.corpus(corpus) if _labels(row)], MOST)
            except TaskSkipped as reason:
                notes.append(f"{corpus} left out: {reason}")
                continue
            if not given:
                notes.append(f"{corpus} left out: no labelled conversation that the model was not trained on")
                continue
            records = context.readouts(given)
            results: list[Result] = []
            for field in FIELDS:
                turns = labelled_turns(field, corpus, given, records)
                if turns is not None:
                    results += (measured := measure(turns, context))
                    lengths = length_scores(field, corpus, turns.targets, turns.lengths, turns.groups, context.seed)
                    rows += [_row(result, lengths) for result in measured]
                    items += turn_items(turns, f"{field}/{corpus}/{measured[0].metric}") if measured else []
            mechanisms = [result for result in results if result.field in EPITOME_MECHANISMS]
            if {result.field for result in mechanisms} == set(EPITOME_MECHANISMS):
                rows.append(_row(mean_result(mechanisms, "epitome_mean", corpus, "macro_f1"), {}))
        if not rows:
            raise TaskSkipped("; ".join(notes) or "no corpus is there")
        return TaskResult(rows, items, notes)


def measure(turns: Labelled, context: Context) -> list[Result]:
    """The customary metrics of a field on its labelled turns."""
    return evaluate_field(
        turns.field, turns.corpus, turns.probabilities, turns.targets, turns.groups,
        resamples=context.resamples, seed=context.seed,
    )  # fmt: skip


def turn_items(turns: Labelled, metric: str) -> Iterator[Item]:
    """
    What each turn scored, in [0, 1], more is better: 1 for the right class or level (0 else), F1 of the labels of a
    multilabel turn, 1 minus the mean absolute error of scores; of `risk`, 1 minus the mean squared error of its steps.
    """
    for scored, name, group in zip(_turn_scores(turns), turns.ids, turns.groups, strict=True):
        if np.isfinite(scored):
            yield Item(name, metric, scored, group)


def _turn_scores(turns: Labelled) -> np.ndarray:
    spec, said, truth = FIELDS[turns.field], turns.probabilities, turns.targets
    if turns.field == "risk":
        steps = (truth[:, None] >= np.arange(1, spec.size)).astype(float)
        return 1 - ((said - steps) ** 2).mean(-1)
    if spec.kind == "ordinal":
        return (levels_of(said) == truth).astype(float)
    if spec.kind == "categorical":
        return (said.argmax(-1) == truth).astype(float)
    known = ~np.isnan(truth)
    if spec.kind == "score":
        return 1 - np.nansum(np.where(known, np.abs(said - truth), 0), -1) / known.sum(-1)
    yes, true = (said >= 0.5) & known, (np.nan_to_num(truth) >= 0.5) & known
    either = yes.sum(-1) + true.sum(-1)
    return np.where(either > 0, 2 * (yes & true).sum(-1) / np.maximum(either, 1), 1.0)


def _labels(row: dict) -> bool:
    return any(row.get(field) is not None for field in FIELDS)


def _row(result: Result, lengths: dict[str, float]) -> Row:
    against = DERIVED.get((result.field, result.source), f"labels of {result.source}")
    if result.source == "seed":
        against = "the seed's own writers; no clinician validated them"
    return Row(
        task=Readouts.name,
        metric=f"{result.field}/{result.source}/{result.metric}",
        group=Readouts.group,
        value=result.value,
        low=result.low,
        high=result.high,
        n=result.n,
        majority=result.majority,
        length=lengths.get(result.metric),
        baseline=result.baseline,
        published=result.published,
        reference=result.reference,
        higher_is_better=not result.metric.startswith("ece"),
        against=against,
        reason=result.reason,
    )
