"""Empathetic pairs: a message with a feeling in it and a reply that takes it up, by a model's read-outs."""

from collections.abc import Mapping, Sequence
from typing import Any

FELT = 0.3
"""Probability from which a feeling other than `neutral` is taken to be there."""
LEVELS = 2
"""Sum of the levels (0 to 2) of EPITOME's three mechanisms from which a reply counts as empathetic."""
MECHANISMS = ("emotional_reactions", "interpretations", "explorations")


def read_out(conversations: Sequence[Sequence[Mapping[str, str]]], reader) -> list[dict[str, Any] | None]:
    """
    What a model reads in the last exchange of each conversation.

    These are a model's read-outs, not a person's labels: they stand in a row's metadata under `read_out` and never in
    a label column, so that no model learns from them as if somebody had judged.

    Args:
        conversations: messages each.
        reader: with `read(conversations)` (`pixel.inference.ConversationReader`), fields `emotion` and EPITOME's.

    Returns:
        `{"emotion", "emotion_probability", "levels": {mechanism: level}, "empathetic"}`, one a conversation; `None`
        where it could not be read or the fields were not trained.
    """
    out: list[dict[str, Any] | None] = []
    for messages, records in zip(conversations, reader.read([list(one) for one in conversations]), strict=True):
        out.append(None if isinstance(records, Exception) or len(messages) < 2 else _read(records))
    return out


def _read(records: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    feelings = records[-2].get("emotion", {}).get("labels")
    empathy = records[-1].get("empathy", {})
    if not feelings or not all(name in empathy for name in MECHANISMS):
        return None
    felt = {name: value for name, value in feelings.items() if name != "neutral"}
    best = max(felt, key=felt.get)
    levels = {name: max(range(3), key=empathy[name].__getitem__) for name in MECHANISMS}
    return {
        "emotion": best if felt[best] >= FELT else None,
        "emotion_probability": round(felt[best], 4),
        "levels": levels,
        "empathetic": felt[best] >= FELT and sum(levels.values()) >= LEVELS,
    }
