"""The `evaluate.Metric` around a metric. Importing this imports `evaluate`, which takes seconds."""

from collections.abc import Mapping
from typing import Any

import datasets
import evaluate

from pixel.metrics.catalogue import Sheet, sheet

VALUES = {"class": "int64", "flag": "int64", "number": "float64", "text": "string"}
LISTS = {"numbers": "float64", "texts": "string"}


def feature(kind: Any) -> Any:
    """The `datasets` feature of a kind of entry (see `Sheet`)."""
    if isinstance(kind, Mapping):
        return {name: feature(inner) for name, inner in kind.items()}
    if kind in LISTS:
        return datasets.List(datasets.Value(LISTS[kind]))
    return datasets.Value(VALUES[kind])


def how_to(sheet: Sheet) -> str:
    """Arguments and answer, for the metric's help."""
    lines = ["", "Args:", f"    predictions: {sheet.predictions}, one an entry."]
    if sheet.references is not None:
        lines.append(f"    references: {sheet.references}, one an entry.")
    lines += [f"    {name}: {word}." for name, word in sheet.options.items()]
    return "\n".join(
        [*lines, "Returns:", f"    {{{sheet.name!r}: float or None, 'reason': why there is none, or None}}"]
    )


class PixelMetric(evaluate.Metric):
    """Base of all: `metric` names the sheet."""

    metric: str

    def _info(self) -> evaluate.MetricInfo:
        known = sheet(self.metric)
        columns = {"predictions": feature(known.predictions)}
        if known.references is not None:
            columns["references"] = feature(known.references)
        return evaluate.MetricInfo(
            description=known.says,
            citation="",
            inputs_description=how_to(known),
            features=datasets.Features(columns),
            license="Apache-2.0",
        )

    def compute(self, *, predictions=None, references=None, **options):
        """Work out the metric; two samples need not be equally long where the metric compares distributions."""
        if not sheet(self.metric).paired and predictions is not None and references is not None:
            longest = max(len(predictions), len(references))
            predictions, references = (
                [*values, *[None] * (longest - len(values))] for values in (predictions, references)
            )
        return evaluate.Metric.compute(self, predictions=predictions, references=references, **options)

    def _compute(self, predictions, references=None, **options) -> dict[str, Any]:
        measured = sheet(self.metric).measure(references, predictions, **options)
        return {self.metric: measured.value, "reason": measured.reason}


def class_name(name: str) -> str:
    """`quadratic_kappa` -> `QuadraticKappa`."""
    return "".join(part.capitalize() for part in name.replace("-", "_").split("_"))


def metric_class(name: str) -> type[PixelMetric]:
    """The class of one metric."""
    return type(class_name(name), (PixelMetric,), {"metric": name, "__doc__": sheet(name).says})
