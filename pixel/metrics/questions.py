"""Which metrics are asked of a field: chosen by its kind, its corpus and what its labels look like."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pixel.metrics.accuracy import accuracy
from pixel.metrics.auc import auc
from pixel.metrics.binary_f1 import binary_f1
from pixel.metrics.decode import levels_of
from pixel.metrics.expected_calibration_error import expected_calibration_error
from pixel.metrics.macro_f1 import frequent_labels, macro_f1, macro_f1_multilabel
from pixel.metrics.measure import Measure
from pixel.metrics.pearson import pearson
from pixel.metrics.quadratic_kappa import quadratic_kappa
from pixel.metrics.weighted_f1 import among_known, weighted_f1
from pixel.models.labels import FIELDS, Field

ONE_OF_SEVEN = ("meld", "emorynlp")
"""Corpora whose turns carry exactly one of seven emotions."""

ALL_LABELS = ("goemotions",)
"""Corpora whose macro-F1 is published over every label, however rare."""

MIN_POSITIVES = 5
"""Elsewhere a label needs this many positives to count in a multilabel macro-F1."""

RISK_CUTS = (1, 4)
"""C-SSRS severities from which risk is present at all, and from which it is high."""


@dataclass(frozen=True)
class Question:
    """
    One metric on one set of turns.

    Attributes:
        metric: its name in reports.
        measure: (targets, answers) -> `Measure`.
        targets: `[turns, ...]`.
        answers: `[turns, ...]`, what the model says.
        majority: what a constant best guess answers, shaped as `answers`; or its figure where that is known without
            asking (0.5, 0); or `None` where a constant guess makes no sense.
        rows: int `[turns]`, which of the field's labelled turns these are.
    """

    metric: str
    measure: Callable[[np.ndarray, np.ndarray], Measure]
    targets: np.ndarray
    answers: np.ndarray
    majority: np.ndarray | float | None
    rows: np.ndarray

    def at(self, indices: np.ndarray) -> Measure:
        """The metric on some of the turns, for resampling."""
        return self.measure(self.targets[indices], self.answers[indices])

    def majority_value(self) -> float | None:
        """What the majority baseline scores on the same turns."""
        if self.majority is None or isinstance(self.majority, float):
            return self.majority
        return self.measure(self.targets, self.majority).value


def questions(
    field: str, source: str, probabilities: np.ndarray, targets: np.ndarray, thresholds: Sequence[float] | None = None
) -> list[Question]:
    """
    The metrics of a field on a corpus.

    | field | metrics |
    |---|---|
    | `emotion` on MELD, EmoryNLP | weighted F1 over the seven known classes |
    | `emotion` on GoEmotions | macro-F1 over all 28 labels |
    | multilabel | macro-F1 over labels with at least 5 positives and a known negative |
    | categorical | macro-F1, accuracy |
    | `risk` | AUC at severity 1 and 4, calibration error of both, quadratic kappa |
    | ordinal | macro-F1, accuracy; quadratic kappa beyond three levels |
    | score, one dimension, every label 0 or 1 | F1, AUC |
    | score | Pearson's r per dimension |

    Args:
        field: name of the field.
        source: corpus name.
        probabilities: float `[turns, field.logits]` as `field_probabilities` gives them.
        targets: labelled turns only: float `[turns, field.size]`, NaN where unknown, or int `[turns]`.
        thresholds: `[field.logits]`, from where a label (or an ordinal step) counts as present; 0.5.
    """
    spec, everyone = FIELDS[field], np.arange(len(targets))
    cut = np.full(spec.logits, 0.5) if thresholds is None else np.asarray(thresholds, dtype=float)
    if spec.kind == "multilabel":
        if field == "emotion" and source.lower().startswith(ONE_OF_SEVEN):
            truth, said, kept = among_known(probabilities, targets)
            return [Question("weighted_f1", weighted_f1, truth, said, _mode(truth), everyone[kept])]
        return [_multilabel(source, probabilities >= cut, targets)]
    if spec.kind == "score":
        if spec.size == 1 and np.isin(targets, (0.0, 1.0)).all():
            truth, says = targets[:, 0] == 1, probabilities[:, 0]
            usual = np.full(len(truth), truth.sum() * 2 >= len(truth))
            return [
                Question("f1", binary_f1, truth, says >= cut[0], usual, everyone),
                Question("auc", auc, truth, says, 0.5, everyone),
            ]
        return [_dimension(spec, index, probabilities, targets) for index in range(spec.size)]
    said = probabilities.argmax(-1) if spec.kind == "categorical" else levels_of(probabilities, cut)
    if field == "risk":
        return [*_risk(probabilities, targets), _kappa(spec, targets, said)]
    answers = [
        Question("macro_f1", macro_f1, targets, said, _mode(targets), everyone),
        Question("accuracy", accuracy, targets, said, _mode(targets), everyone),
    ]
    return answers + ([_kappa(spec, targets, said)] if spec.kind == "ordinal" and spec.size > 3 else [])


def _multilabel(source: str, said: np.ndarray, targets: np.ndarray) -> Question:
    known = ~np.isnan(targets)
    present = np.nan_to_num(targets) >= 0.5
    if source.lower().startswith(ALL_LABELS):
        classes = np.arange(targets.shape[1])
    else:
        classes = frequent_labels(targets, MIN_POSITIVES)
        classes = classes[(known & ~present)[:, classes].any(0)]  # with no known negative, saying yes is always right
    usual = present.sum(0) * 2 > known.sum(0)

    def measure(truth: np.ndarray, answers: np.ndarray) -> Measure:
        return macro_f1_multilabel(truth, answers, classes, MIN_POSITIVES)

    return Question("macro_f1", measure, targets, said, np.broadcast_to(usual, said.shape), np.arange(len(targets)))


def _dimension(spec: Field, index: int, probabilities: np.ndarray, targets: np.ndarray) -> Question:
    rows = np.flatnonzero(~np.isnan(targets[:, index]))
    name = "pearson" if spec.size == 1 else f"pearson_{spec.names[index]}"
    return Question(name, pearson, targets[rows, index], probabilities[rows, index], 0.0, rows)


def _risk(probabilities: np.ndarray, targets: np.ndarray) -> list[Question]:
    everyone = np.arange(len(targets))
    return [
        Question(f"{name}_at_least_{cut}", measure, targets >= cut, probabilities[:, cut - 1], majority, everyone)
        for name, measure, majority in (("auc", auc, 0.5), ("ece", _calibration, None))
        for cut in RISK_CUTS
    ]


def _calibration(truth: np.ndarray, probability: np.ndarray) -> Measure:
    return expected_calibration_error(probability, truth)


def _kappa(spec: Field, targets: np.ndarray, said: np.ndarray) -> Question:
    def measure(truth: np.ndarray, answers: np.ndarray) -> Measure:
        return quadratic_kappa(truth, answers, spec.size)

    return Question("quadratic_kappa", measure, targets, said, 0.0, np.arange(len(targets)))


def _mode(targets: np.ndarray) -> np.ndarray:
    """The most frequent class, once a turn."""
    return np.full(len(targets), np.bincount(targets).argmax() if len(targets) else 0)
