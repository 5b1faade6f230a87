"""What a quality gate answers: a defect with its place and its reason."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

CLIENT, THERAPIST = "user", "assistant"


class Defect(NamedTuple):
    """
    One thing that keeps a conversation out of the set.

    Attributes:
        kind: short name, such as `duplicate_turn`.
        turn: index of the message, from 0; `None` where it is about the whole conversation.
        reason: one sentence for a reader, without repeating what was said.
    """

    kind: str
    turn: int | None
    reason: str


Gate = Callable[[Mapping[str, Any]], list[Defect]]
"""From a conversation (`messages`, label lists, `rationale`) to its defects; an empty list lets it pass."""


def turns(conversation: Mapping[str, Any], role: str | None = None) -> Iterator[tuple[int, str]]:
    """Index and text of the turns that can be read, of one role or of all; what is malformed is for `structure`."""
    messages = conversation.get("messages")
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        if isinstance(message, Mapping) and isinstance(message.get("content"), str):
            if role is None or message.get("role") == role:
                yield index, message["content"]
