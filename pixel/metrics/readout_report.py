"""How good a read-out is: its figure on labelled turns, its interval, and what it has to beat."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import Measure, undefined
from pixel.metrics.published import reference
from pixel.metrics.questions import Question, questions
from pixel.models.labels import FIELDS

IGNORE = -100
"""Class id of a turn that nobody labelled (as in the collated batch)."""


@dataclass(frozen=True)
class Result:
    """
    One figure, and what stands beside it.

    Attributes:
        objective, field, source, metric: what was measured, and on which corpus.
        value: the figure, or `None` with a `reason`.
        low, high: 95% bootstrap interval over groups, or `None`.
        n: labelled turns it rests on.
        majority: what the best constant answer scores on the same turns.
        baseline: the ten-minute baseline; `published`: the published figure (see `pixel.metrics.published`).
        reference: where those two come from, in words.
        reason: why there is no value.
    """

    objective: str
    field: str
    source: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    majority: float | None = None
    baseline: float | None = None
    published: float | None = None
    reference: str | None = None
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    def card_row(self) -> dict[str, Any]:
        """As a row of `results` in the model card (`pixel.hub.model_card`)."""
        return {
            "task": f"{self.field} ({self.source})",
            "metric": self.metric,
            "value": self.value,
            "interval": None if self.low is None else (self.low, self.high),
            "majority": self.majority,
            "published": self.published,
            "source": self.reference,
            "n": self.n,
        }


def evaluate_field(
    field: str,
    source: str,
    probabilities: ArrayLike,
    targets: ArrayLike,
    groups: ArrayLike | None = None,
    thresholds: Sequence[float] | None = None,
    resamples: int = 500,
    seed: int = 0,
) -> list[Result]:
    """
    Measure one read-out on one corpus, with the metrics customary for its kind (see `questions`).

    Args:
        field: name of the field.
        source: corpus name, which chooses the metric (`meld`) and the published figure.
        probabilities: float `[turns, field.logits]` as `field_probabilities` gives them: for an ordinal field the
            probabilities of "at least level k".
        targets: float `[turns, field.size]` with NaN where unknown, or int `[turns]` with -100. Turns without any
            label are left out.
        groups: `[turns]`, person, thread or conversation; resampled whole. `None`: every turn by itself.
        thresholds: `[field.logits]`, from where a label (or ordinal step) counts as present; 0.5. Fit them on other
            data (`fit_thresholds`).
        resamples: bootstrap draws; 0 for no interval.
        seed: of the draws.

    Returns:
        `list[Result]`: one a metric. Where the data cannot define a metric its value is `None` and says why.

    Raises:
        ValueError: unknown field, shapes that do not fit, or a probability that is not in [0, 1].
    """
    if field not in FIELDS:
        raise ValueError(f"no such field: {field!r}")
    probabilities, targets, groups = _labelled(field, probabilities, targets, groups, thresholds)
    results = []
    for question in questions(field, source, probabilities, targets, thresholds):
        count = len(question.rows)
        measured = question.at(np.arange(count)) if count else undefined("no labelled turn")
        interval = None
        if measured.value is not None:
            of_rows = None if groups is None else groups[question.rows]
            interval = bootstrap_interval(question.at, count, of_rows, resamples=resamples, seed=seed)
        results.append(_result(field, source, question, measured, interval))
    return results


def mean_result(results: Iterable[Result], field: str, source: str, metric: str) -> Result:
    """
    The mean of one metric over several fields, such as EPITOME's three mechanisms (`field="epitome_mean"`).

    Args:
        results: at least one, whatever else is among them; those of `source` and `metric` are averaged.
        field: name of the mean in the report.
        source, metric: which results to average.

    Returns:
        `Result` without an interval; its `n` is the smallest. Undefined if one of its parts is.

    Raises:
        ValueError: no such result.
    """
    parts = [result for result in results if (result.source, result.metric) == (source, metric)]
    if not parts:
        raise ValueError(f"no result on {source} with {metric} to average")
    missing = [part.field for part in parts if part.value is None]
    figures = reference(field, source, metric)
    return Result(
        objective=parts[0].objective,
        field=field,
        source=source,
        metric=metric,
        value=None if missing else float(np.mean([part.value for part in parts])),
        low=None,
        high=None,
        n=min(part.n for part in parts),
        majority=None if any(p.majority is None for p in parts) else float(np.mean([p.majority for p in parts])),
        baseline=figures and figures.baseline,
        published=figures and figures.published,
        reference=figures and figures.source,
        reason=f"no value for {', '.join(missing)}" if missing else None,
    )


def _labelled(field, probabilities, targets, groups, thresholds):
    """Arrays of the labelled turns, their shapes checked."""
    spec = FIELDS[field]
    probabilities = np.asarray(probabilities, dtype=float)
    targets = np.asarray(targets, dtype=float if spec.is_vector else int)
    turns = len(targets)
    expected = (turns, spec.size) if spec.is_vector else (turns,)
    if targets.shape != expected or probabilities.shape != (turns, spec.logits):
        raise ValueError(
            f"{field}: probabilities {probabilities.shape} and targets {targets.shape} do not fit; "
            f"{(turns, spec.logits)} and {expected} needed"
        )
    if thresholds is not None and len(thresholds) != spec.logits:
        raise ValueError(f"{field}: {len(thresholds)} thresholds for {spec.logits} logits")
    if groups is not None and len(groups) != turns:
        raise ValueError(f"{field}: {len(groups)} groups for {turns} turns")
    kept = ~np.isnan(targets).all(-1) if spec.is_vector else targets != IGNORE
    probabilities, targets = probabilities[kept], targets[kept]
    if not ((probabilities >= 0) & (probabilities <= 1)).all():  # also catches NaN
        raise ValueError(f"{field}: probabilities must lie in [0, 1]; pass logits through field_probabilities first")
    return probabilities, targets, None if groups is None else np.asarray(groups)[kept]


def _result(
    field: str, source: str, question: Question, measured: Measure, interval: tuple[float, float] | None
) -> Result:
    figures = reference(field, source, question.metric)
    low, high = interval or (None, None)
    return Result(
        objective=FIELDS[field].objective,
        field=field,
        source=source,
        metric=question.metric,
        value=measured.value,
        low=low,
        high=high,
        n=len(question.rows),
        majority=None if measured.value is None else question.majority_value(),
        baseline=figures and figures.baseline,
        published=figures and figures.published,
        reference=figures and figures.source,
        reason=measured.reason,
    )
