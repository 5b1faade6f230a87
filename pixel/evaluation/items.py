"""What one item of a task scored, so that two versions of a model can be compared item by item."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Item:
    """
    One item of one metric. It never carries the text of a message.

    Attributes:
        id: the same for the same item in every run, unique within its metric.
        metric: the metric of the task's row that it belongs to.
        value: what it scored (1 or 0 for right or wrong, an error, a score, ...).
        group: the person, thread or conversation, resampled whole; `None`: the item by itself.

    Raises:
        ValueError: a value that is not finite, or no id.
    """

    id: str
    metric: str
    value: float
    group: str | None = None

    def __post_init__(self):
        object.__setattr__(self, "id", str(self.id))
        object.__setattr__(self, "value", float(self.value))
        if self.group is not None:
            object.__setattr__(self, "group", str(self.group))
        if not self.id or not math.isfinite(self.value):
            raise ValueError(f"item {self.id!r} of {self.metric}: {self.value}. Mend: give an id and a finite value")

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a JSON line."""
        return asdict(self)


def item_id(source: str, row_id: Any, turn: int | None = None) -> str:
    """The id of a conversation, or of one turn of it: `esconv:12`, `esconv:12#3`."""
    return f"{source}:{row_id}" + ("" if turn is None else f"#{turn}")


def check_unique(items: Iterable[Item]) -> None:
    """
    Raises:
        ValueError: two items of one metric with the same id; a comparison could not pair them.
    """
    seen = set()
    for item in items:
        if (item.metric, item.id) in seen:
            raise ValueError(f"item {item.id!r} of {item.metric} is there twice. Mend: give every item its own id")
        seen.add((item.metric, item.id))
