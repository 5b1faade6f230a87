"""What callbacks take from a read conversation: values on the scales people rate on, and which turn answers which."""

import numpy as np

from pixel.data.schema import ROLES
from pixel.metrics.decode import field_probabilities
from pixel.models.labels import EPITOME_MECHANISMS, FIELDS
from pixel.training.probe_set import ReadConversation

USER, ASSISTANT = ROLES.index("user"), ROLES.index("assistant")
FEELING = ("emotional_reactions", "interpretations")
"""The mechanisms that show feeling with somebody or grasping what they mean (EPITOME's third, explorations, asks)."""


def values(conversation: ReadConversation, field: str) -> np.ndarray | None:
    """
    A field's probabilities or scores.

    Returns:
        float `[turns, width]` in [0, 1] (see `field_probabilities`; cumulative ones of an ordinal field are made
        monotone), or `None` without such a head.
    """
    if field not in conversation.logits:
        return None
    found = field_probabilities(field, conversation.logits[field])
    return np.minimum.accumulate(found, axis=-1) if FIELDS[field].kind == "ordinal" else found


def labels(conversation: ReadConversation, field: str) -> np.ndarray:
    """A field's labels as float `[turns, width]`, NaN where unknown; width 1 for class ids."""
    if field not in conversation.labels:
        return np.full((len(conversation.roles), FIELDS[field].size if FIELDS[field].is_vector else 1), np.nan)
    found = np.asarray(conversation.labels[field], dtype=float)
    return found if found.ndim == 2 else np.where(found < 0, np.nan, found)[:, None]


def expected_level(conversation: ReadConversation, fields=FEELING) -> np.ndarray | None:
    """Expected level of every turn, float `[turns]`, summed over ordinal fields; `None` unless all have a head."""
    found = [values(conversation, field) for field in fields]
    return None if any(part is None for part in found) else np.sum([part.sum(-1) for part in found], axis=0)


def decided_level(conversation: ReadConversation, fields=EPITOME_MECHANISMS) -> np.ndarray | None:
    """Decided level of every turn, int `[turns]`, summed over the ordinal fields with a head; `None` without any."""
    found = [values(conversation, field) for field in fields if field in conversation.logits]
    return np.sum([(part >= 0.5).sum(-1) for part in found], axis=0) if found else None


def distress(conversation: ReadConversation) -> np.ndarray | None:
    """How bad every turn sounds, float `[turns]` in [0, 1]: `distress`, else 1 - valence, else `None`."""
    found = values(conversation, "distress")
    if found is not None:
        return found[:, 0]
    found = values(conversation, "vad")
    return None if found is None else 1.0 - found[:, 0]


def replies(conversation: ReadConversation) -> np.ndarray:
    """Indices of assistant turns that come right after a user turn, int `[replies]`."""
    roles = np.asarray(conversation.roles)
    return np.flatnonzero((roles[1:] == ASSISTANT) & (roles[:-1] == USER)) + 1


def item(number: int, conversation: ReadConversation, turn: int) -> str:
    """A name for one turn that stays the same from look to look (windows of one conversation share its `row_id`)."""
    return f"{conversation.row_id}/{number}/{turn}"


def defined(numbers: dict[str, float | None]) -> dict[str, float]:
    """Without those that the data do not define."""
    return {name: float(value) for name, value in numbers.items() if value is not None and np.isfinite(value)}
