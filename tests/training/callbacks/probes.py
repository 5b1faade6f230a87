"""Hand-made probe sets: what the heads would say, written down."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from pixel.data.schema import ROLES
from pixel.models.labels import FIELDS
from pixel.training.probe_set import ReadConversation


def logit(probability) -> np.ndarray:
    """The logit of a probability."""
    probability = np.clip(np.asarray(probability, dtype=float), 1e-6, 1 - 1e-6)
    return np.log(probability / (1 - probability))


def read(
    row_id: str,
    roles: str | Sequence[str],
    said: Mapping[str, Sequence],
    labels: Mapping[str, Sequence] | None = None,
    source: str = "made",
) -> ReadConversation:
    """
    A conversation as read.

    Args:
        row_id, source: of the row.
        roles: of the turns; or their first letters, as "uau".
        said: field -> one list of probabilities a turn (of "at least level k" for an ordinal field).
        labels: field -> one label a turn: a list with NaN, or a class id.
    """
    first = {role[0]: number for number, role in enumerate(ROLES)}
    numbers = np.array([first[role[0]] for role in roles])
    logits = {name: logit(np.array(values, dtype=float).reshape(len(numbers), -1)) for name, values in said.items()}
    for name, values in logits.items():
        assert values.shape[1] == FIELDS[name].logits, name
    kinds = {name: float if FIELDS[name].is_vector else int for name in labels or {}}
    targets = {name: np.array(values, dtype=kinds[name]) for name, values in (labels or {}).items()}
    return ReadConversation(row_id, source, numbers, logits, targets)


def severity(level: int) -> list[float]:
    """Probabilities of "at least 1" to "at least 6" of a risk head that is sure of a level."""
    return [0.99 if level >= k else 0.01 for k in range(1, 7)]


class Told:
    """A probe set that shows what it is told: a list of conversations, or a function of the step."""

    def __init__(self, shown: Sequence[ReadConversation] | Callable[[int], Sequence[ReadConversation]]):
        self.shown = shown

    def at(self, step: int) -> list[ReadConversation]:
        return list(self.shown(step) if callable(self.shown) else self.shown)

    @property
    def examples(self) -> dict:
        return {"turn_index": [list(range(len(conversation.roles))) for conversation in self.at(0)]}


def through_json(callback, fresh):
    """`fresh` with the state of `callback`, as a checkpoint carries it."""
    import json

    content = json.loads(json.dumps(callback.state(), allow_nan=False))
    for name, value in content["attributes"].items():
        setattr(fresh, name, value)
    return fresh
