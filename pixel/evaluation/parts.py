"""Tasks of several parts, each of which may be impossible here without the others being so."""

from collections.abc import Callable, Sequence

from pixel.evaluation.context import Context
from pixel.evaluation.items import Item
from pixel.evaluation.row import Row
from pixel.evaluation.task import TaskResult, TaskSkipped

Part = Callable[[Context], tuple[list[Row], list[Item]]]


def run_parts(context: Context, parts: Sequence[Part]) -> TaskResult:
    """
    Every part in order; one that is skipped becomes a note with its name and reason.

    Raises:
        TaskSkipped: no part gave a row; the reasons of all.
    """
    rows, items, notes = [], [], []
    for part in parts:
        try:
            found, said = part(context)
            rows, items = rows + found, items + said
        except TaskSkipped as reason:
            notes.append(f"{part.__name__} left out: {reason}")
    if not rows:
        raise TaskSkipped("; ".join(notes))
    return TaskResult(rows, items, notes)
