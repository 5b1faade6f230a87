"""One line of an evaluation: a figure, its interval, and what it has to beat."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

GROUPS = (
    "eq", "persona", "clinical", "empathy", "conversation", "appropriateness", "bias", "language", "readouts",
)  # fmt: skip
"""The parts of a report, in the order it shows them."""


@dataclass(frozen=True)
class Row:
    """
    One figure. All its values are plain JSON.

    Attributes:
        task: name of the task that measured it.
        metric: what was measured, unique within the task.
        value: the figure, or `None` with a `reason`.
        low, high: its 95% interval, or `None`.
        n: items (turns, messages, conversations) it rests on.
        majority: what the best constant answer scores on the same items.
        length: what the length of the message alone scores on them.
        baseline: a ten-minute baseline, measured elsewhere.
        published: a published figure.
        reference: where `baseline` and `published` come from, in words.
        higher_is_better: the direction of `value`.
        validated: `True` only where a measure that claims to see something human was scored against human labels and
            beat majority and length (interval of the difference above 0); `False` where it did not; `None` where the
            row is itself a plain score against human labels, or a benchmark's score.
        against: which human labels it was scored against, in words.
        reason: why there is no value.
        group: one of `GROUPS`.

    Raises:
        ValueError: an unknown group, a number that is not finite, an interval with one end, or neither value nor
            reason.
    """

    task: str
    metric: str
    value: float | None
    group: str
    n: int = 0
    low: float | None = None
    high: float | None = None
    majority: float | None = None
    length: float | None = None
    baseline: float | None = None
    published: float | None = None
    reference: str | None = None
    higher_is_better: bool = True
    validated: bool | None = None
    against: str | None = None
    reason: str | None = None

    def __post_init__(self):
        place = f"row {self.task}/{self.metric}"
        if self.group not in GROUPS:
            raise ValueError(f"{place}: no group is called {self.group!r}. Mend: use one of: {', '.join(GROUPS)}")
        for name in ("value", "low", "high", "majority", "length", "baseline", "published"):
            number = getattr(self, name)
            if number is not None:
                number = float(number)
                if not math.isfinite(number):
                    raise ValueError(f"{place}: {name} is {number}. Mend: give None and a reason")
                object.__setattr__(self, name, number)
        object.__setattr__(self, "n", int(self.n))
        if self.validated is not None:
            object.__setattr__(self, "validated", bool(self.validated))
        if (self.low is None) != (self.high is None):
            raise ValueError(f"{place}: the interval has one end. Mend: give both or none")
        if self.value is None and not self.reason:
            raise ValueError(f"{place}: neither a value nor a reason. Mend: say why there is no value")

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "Row":
        """
        A row out of `results.json`; keys it does not know (of a later version) are left out.

        Raises:
            ValueError: a key is missing, or see the class.
        """
        known = {field.name for field in fields(cls)}
        try:
            return cls(**{name: value for name, value in given.items() if name in known})
        except TypeError as error:
            raise ValueError(f"not a row of an evaluation: {error}") from None
