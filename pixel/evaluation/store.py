"""A finished task lies in a file of its own, so that a killed evaluation goes on with the next."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pixel.data.whole_files import write_in_one_step
from pixel.evaluation.items import Item, check_unique
from pixel.evaluation.row import Row


@dataclass
class Finished:
    """
    A task that was run.

    Attributes:
        name: of the task.
        made_from: what decides whether it must be run again (JSON values).
        seconds: it took.
        rows, items, notes: see `TaskResult`.
        used: corpus -> (rows, rows left out because the model was trained on them).
        kept: whether it comes from an earlier run.
    """

    name: str
    made_from: dict[str, Any]
    seconds: float
    rows: list[Row]
    items: list[Item] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    used: dict[str, tuple[int, int]] = field(default_factory=dict)
    kept: bool = False


class TaskStore:
    """
    `OUTPUT/tasks/TASK.json`, each written in one step.

    Args:
        folder: `OUTPUT/tasks`.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def load(self, name: str, made_from: dict[str, Any]) -> Finished | None:
        """The task as it was finished before, if it was made from the same; damaged files count as none."""
        try:
            told = json.loads(self._file(name).read_text(encoding="utf-8"))
            if told["made_from"] != json.loads(json.dumps(made_from)):
                return None
            return Finished(
                name, made_from, told["seconds"], [Row.from_dict(row) for row in told["rows"]],
                [Item(**item) for item in told["items"]], told["notes"],
                {corpus: tuple(rows) for corpus, rows in told["used"].items()}, kept=True,
            )  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def stale(self, name: str, made_from: dict[str, Any]) -> bool:
        """Whether there is a file of the task that cannot be used."""
        return self._file(name).exists() and self.load(name, made_from) is None

    def save(self, finished: Finished) -> None:
        """
        Raises:
            ValueError: two rows with the same metric, or two items of one metric with the same id.
        """
        metrics = [row.metric for row in finished.rows]
        if twice := {metric for metric in metrics if metrics.count(metric) > 1}:
            raise ValueError(f"task {finished.name}: two rows of {min(twice)}. Mend: give every row its own metric")
        check_unique(finished.items)
        content = {
            "made_from": finished.made_from, "seconds": finished.seconds, "notes": finished.notes,
            "used": finished.used, "rows": [row.as_dict() for row in finished.rows],
            "items": [item.as_dict() for item in finished.items],
        }  # fmt: skip
        write_in_one_step(self._file(finished.name), json.dumps(content, ensure_ascii=False, allow_nan=False))
