"""Every metric by name: what it says, what it is fed, and which way is better."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from pixel import metrics
from pixel.metrics.measure import Measure, undefined

CASES = Path(__file__).with_name("cases")


@dataclass(frozen=True)
class Sheet:
    """
    A metric as others see it.

    Attributes:
        name: of the function in `pixel.metrics`, of the cases and of the `evaluate` metric.
        says: in one sentence, what the number tells.
        references, predictions: kind of each entry: `class`, `flag` (0 or 1), `number` (null where missing),
            `numbers`, `text`, or a mapping of field to kind. `references` is `None` where there is only one side.
        higher_is_better: `False` for distances and errors; `None` where neither way is better.
        options: further arguments, with a word on each.
        predictions_first: whether the function takes predictions before references.
        paired: `False` where the two sides are samples that need not be equally long (shorter one filled with null).
    """

    name: str
    says: str
    references: Any
    predictions: Any
    higher_is_better: bool | None = True
    options: Mapping[str, str] = field(default_factory=dict)
    predictions_first: bool = False
    paired: bool = True

    @property
    def function(self) -> Callable[..., Measure]:
        """The function in `pixel.metrics`."""
        return getattr(metrics, self.name)

    def measure(self, references: Sequence | None, predictions: Sequence, **options: Any) -> Measure:
        """
        The metric on plain lists.

        Raises:
            ValueError: an unknown option, or sides of different length where every entry needs its partner.
        """
        unknown = sorted(set(options) - set(self.options))
        if unknown:
            raise ValueError(f"{self.name} has no option {unknown[0]!r}; it has: {', '.join(self.options) or 'none'}")
        if self.references is None:
            return self.function(predictions, **options)
        if self.paired and len(references) != len(predictions):
            raise ValueError(f"{self.name}: {len(references)} references for {len(predictions)} predictions")
        if self.name == "delta_m":
            return _delta_m(references, predictions)
        sides = (predictions, references) if self.predictions_first else (references, predictions)
        return self.function(*sides, **options)


def _delta_m(references: Sequence[Mapping], predictions: Sequence[Mapping]) -> Measure:
    """One row a metric, gathered by task."""
    sides: list[dict[str, dict[str, float]]] = []
    for rows in (predictions, references):
        sides.append({})
        for row in rows:
            sides[-1].setdefault(row["task"], {})[row["metric"]] = row["value"]
    try:
        return Measure(metrics.delta_m(*sides))
    except ValueError as error:
        return undefined(str(error))


_FIGURE = {"task": "text", "metric": "text", "value": "number"}
_INTENSITIES = {"emotions": "texts", "scores": "numbers"}

SHEETS: dict[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        Sheet("accuracy", "The share of right answers.", "class", "class"),
        Sheet("auc", "How often a post with risk is ranked above one without.", "flag", "number"),
        Sheet("binary_f1", "The balance of finding all positives and of not raising others.", "flag", "flag"),
        Sheet("brier_score", "How far stated probabilities lie from what was true, squared.", "flag", "number", False),
        Sheet("delta_m", "Mean change against a baseline in percent; negative is better.", _FIGURE, _FIGURE, False),
        Sheet("emobench_ea", "How often the helpful act is chosen, over every order of options.", "class", "numbers"),
        Sheet(
            "emobench_eu",
            "How often an emotion and its cause are both right, over every order of options.",
            {"emotion": "class", "cause": "class"},
            {"emotion": "numbers", "cause": "numbers"},
        ),
        Sheet("eq_bench", "EQ-Bench v2: 100 is the reference itself, 0 a random answer.", _INTENSITIES, "text"),
        Sheet("eq_bench_parseable", "Percent of EQ-Bench answers that could be read.", _INTENSITIES, "text"),
        Sheet(
            "equivalence",
            "p-value that two groups' means lie within a margin of each other; below 0.05 they are equivalent.",
            "number",
            "number",
            False,
            {
                "margin": "the largest difference that does not matter (default: half a standard deviation of people)",
                "method": "t or bootstrap (default: t)",
                "resamples": "of the bootstrap (default: 2000)",
                "seed": "of the bootstrap (default: 0)",
            },
            paired=False,
        ),
        Sheet(
            "expected_calibration_error",
            "How far the model's confidence is from how often it is right.",
            "flag",
            "number",
            False,
            {"bins": "of the confidence scale (default: 10)"},
            predictions_first=True,
        ),
        Sheet(
            "krippendorff_alpha",
            "How far raters agree beyond chance; each prediction is one item's ratings, null where not rated.",
            None,
            "numbers",
            options={"level": "nominal, ordinal, interval or ratio (default: ordinal)"},
        ),
        Sheet(
            "ks_distance", "The widest gap between how two groups are spread.", "number", "number", False, paired=False
        ),
        Sheet("macro_f1", "How well each level is found; rare levels weigh as much as common ones.", "class", "class"),
        Sheet(
            "macro_f1_multilabel",
            "Macro-F1 where a turn can carry several labels, and some were never asked about (null).",
            "numbers",
            "numbers",
            options={
                "classes": "labels to average over (default: all with min_positives)",
                "min_positives": "of a label that counts (default: 0, every label)",
            },
        ),
        Sheet("pearson", "Whether the model's scores rise and fall with people's.", "number", "number"),
        Sheet(
            "quadratic_kappa",
            "Agreement on levels beyond chance; being two levels off is four times as bad as one.",
            "class",
            "class",
            options={"levels": "how many there are (default: up to the highest that occurs)"},
        ),
        Sheet("seceu", "EQ on the human scale: 100 is the human mean, 15 a standard deviation.", "numbers", "numbers"),
        Sheet("seceu_pattern", "Whether a model finds hard what people find hard.", "number", "number"),
        Sheet("spearman", "Whether the model puts items in the order people put them.", "number", "number"),
        Sheet(
            "wasserstein_distance",
            "How far one group's values would have to move, on their scale, to become the other's.",
            "number",
            "number",
            False,
            paired=False,
        ),
        Sheet("weighted_f1", "How well each class is found, weighted by how often it occurs.", "class", "class"),
    )
}
"""Name -> sheet."""


def sheet(name: str) -> Sheet:
    """
    The sheet of a metric.

    Raises:
        ValueError: no such metric.
    """
    if name not in SHEETS:
        raise ValueError(f"no metric is called {name!r}. Mend: use one of: {', '.join(SHEETS)}")
    return SHEETS[name]


@lru_cache
def cases(name: str) -> list[dict[str, Any]]:
    """
    The worked cases of a metric: `says`, `references`, `predictions`, `expected` (null: undefined, with a `reason`),
    `tolerance`, `why`, and `options` where they differ from the default.
    """
    return json.loads((CASES / f"{sheet(name).name}.json").read_text(encoding="utf-8"))
