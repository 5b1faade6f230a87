"""What the runner asks of a task."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pixel.evaluation.items import Item
from pixel.evaluation.row import Row

if TYPE_CHECKING:
    from pixel.evaluation.context import Context

NEEDS = {
    "readouts": "a Pixel model that was trained to read turns",
    "generation": "a model that replies, or --endpoint",
    "loglikelihood": "a local model",
    "data": "--data_root",
    "checkpoints": "--checkpoints, or a model folder with checkpoint-* in it",
    "judges": "--judges",
}
"""What a task may need, and where it comes from. Where it is not there the task is skipped and the report says why."""


class TaskSkipped(Exception):
    """Raised by a task that cannot be measured here; the message is the reason, one line without text of data."""


@dataclass(frozen=True)
class TaskResult:
    """
    Attributes:
        rows: the figures.
        items: what each item scored, for comparing versions.
        notes: one-line remarks for the report (what was left out, what a figure does not say).
    """

    rows: list[Row]
    items: list[Item] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Task(Protocol):
    """
    One part of an evaluation. It is made without arguments and named in `pixel.evaluation.tasks.TASKS`.

    Attributes:
        name: the key in `TASKS`.
        group: one of `pixel.evaluation.row.GROUPS`.
        needs: some of `NEEDS`.
        about: one sentence for `--list`.
        code: optional; modules that decide its figures and that it does not import by name (see
            `pixel.evaluation.depends`).
    """

    name: str
    group: str
    needs: tuple[str, ...]
    about: str

    def run(self, context: "Context") -> TaskResult:
        """
        Measure.

        With several processes every one of them runs the task and must come to the same calls of `context` in the same
        order; the work of those calls is shared between them.

        Raises:
            TaskSkipped: it cannot be measured here.
            pixel.data.ConversationError: a corpus that is not there or damaged; the runner skips the task and says so.
        """
        ...
