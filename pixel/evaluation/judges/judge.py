"""What a judge is asked, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

REPEATS = 3
"""Times each question is put: another wording to a language model, another resample to a fitted judge."""


@dataclass(frozen=True)
class Side:
    """
    A reply and what it answers.

    Attributes:
        client: the last message of the person.
        reply: the helper's.
        group: person, thread or session it comes from; a fitted judge does not use what it learned from that group.
    """

    client: str
    reply: str
    group: str


@dataclass(frozen=True)
class Pair:
    """
    Two replies to choose from, often to the same message.

    Attributes:
        id: without any text.
        first, second: the sides.
        group: drawn as a whole in intervals.
        first_better: what people said, where they did.
    """

    id: str
    first: Side
    second: Side
    group: str
    first_better: bool | None = None


class Judge(Protocol):
    """
    A local model that prefers one of two replies.

    Attributes:
        name: for reports.
        kind: how it judges, in words; a panel needs two judges of different names.
        by_position: whether the order in which it is shown the replies can matter to it at all.
    """

    name: str
    kind: str
    by_position: bool

    def prepare(self, labelled: Mapping[str, Sequence[tuple[Side, float]]]) -> None:
        """
        Take what people said of single replies, for judges that are fitted.

        Args:
            labelled: criterion -> sides and their human scores.
        """
        ...

    def prefer(self, pairs: Sequence[Pair], criterion: str, repeat: int) -> np.ndarray:
        """
        How much better the first reply is.

        Args:
            pairs: to judge.
            criterion: id of a [`pixel.evaluation.judges.criteria.Criterion`].
            repeat: 0, 1 or 2.

        Returns:
            float64 `[pairs, 2]`, above 0 where the **first** is better: shown in this order, and shown the other way
            round. A judge that knows no order gives two equal columns.
        """
        ...

    def same_as(self, subject: Any) -> str | None:
        """Why it cannot judge this subject (it is the subject, or the subject was made from it); `None` if it can."""
        ...
