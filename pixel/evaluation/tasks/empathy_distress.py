"""By how much distress falls over a dialogue: as the model reads it, beside what seekers said themselves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pixel.empathy.comparison import compare
from pixel.empathy.human_baselines import distress_changes
from pixel.empathy.subgroups import LEAST_TURNS
from pixel.evaluation.items import Item, item_id
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.evaluation.tasks.empathy_replies import (
    CALIBRATION as TASK,
)
from pixel.evaluation.tasks.empathy_replies import (
    comparison_row,
    distance_rows,
    validity_row,
)  # fmt: skip
from pixel.evaluation.validity import validate_measure
from pixel.metrics.equivalence import equivalence
from pixel.metrics.measure import Measure

if TYPE_CHECKING:
    from pixel.evaluation.context import Context

DISTRESS_MARGIN = 0.5
"""Half a point of the five-point scale that seekers rated themselves on."""


def distress(context: "Context") -> TaskResult:
    """By how much the model reads distress to fall over a dialogue, against seekers' own ratings."""
    if "readouts" not in context.model.abilities:
        raise TaskSkipped("the model does not read distress")
    dialogues = context.sample(context.corpus("esconv"))
    change = distress_changes(dialogues)
    records = context.readouts(dialogues)
    read = np.array([_read_change(row, record) for row, record in zip(dialogues, records, strict=True)])
    both = ~np.isnan(change) & ~np.isnan(read)
    if both.sum() < LEAST_TURNS:
        raise TaskSkipped(f"{int(both.sum())} dialogues with ratings and read-outs, {LEAST_TURNS} needed")
    change, read, dialogues = change[both], read[both], [row for row, ok in zip(dialogues, both, strict=True) if ok]
    words = np.array([sum(len(one["content"].split()) for one in row["messages"]) for row in dialogues], dtype=float)
    seekers = "seekers' own ratings before and after (ESConv)"
    rows = [
        validity_row(
            TASK, "distress_change_read",
            validate_measure(read, change, None, words, "pearson", seekers, context.resamples, context.seed),
            "pearson correlation of read and rated change",
        )
    ]  # fmt: skip

    def means(ours: np.ndarray, theirs: np.ndarray) -> tuple[Measure, Measure]:
        return Measure(float(change[ours].mean())), Measure(float(read[theirs].mean()))

    names = [row["group"] for row in dialogues]
    found = compare(
        "distress_change", means, names, names, DISTRESS_MARGIN, resamples=context.resamples, seed=context.seed
    )
    p = equivalence(change, read, DISTRESS_MARGIN)
    shown = f"points of 5; two one-sided tests (Welch, unpaired) p {p.value:.3f}" if p.value is not None else p.reason
    rows.append(comparison_row(TASK, "distress_change", found, reference=shown, against=seekers))
    both = change[:, None], read[:, None], (names, names)
    rows += distance_rows(TASK, context, "distress", ("change",), *both, "ESConv")
    items = [
        Item(item_id("esconv", row["id"]), "distress_change_reading", value, row["group"])
        for row, value in zip(dialogues, read, strict=True)
    ]
    return TaskResult(rows, items)


def _read_change(row: dict[str, Any], record: Sequence[dict[str, Any]]) -> float:
    """First less last seeker's turn, in points of the five-point scale; NaN where the model did not read them."""
    turns = [index for index, one in enumerate(row["messages"]) if one["role"] == "user"]
    if len(turns) < 2:
        return float("nan")
    ends = [record[index].get("emotion", {}).get("distress") for index in (turns[0], turns[-1])]
    return float("nan") if None in ends else 4 * (ends[0] - ends[1])
