"""Structure gate: client and therapist alternate, the therapist has the last word, nothing is empty or said twice."""

import re
from collections.abc import Mapping
from typing import Any

from pixel.knowledge.quality.defect import CLIENT, THERAPIST, Defect

MIN_TURNS = 4
"""Fewer turns are no conversation to learn from."""
SHORT = 3
"""A turn of fewer words ("Mm-hm.", "Yes, exactly.") may come back."""

_WORDS = re.compile(r"\w+(?:['’]\w+)*")


def structure(conversation: Mapping[str, Any]) -> list[Defect]:
    """
    Defects of form. A system message may stand first; after it the client begins.

    Args:
        conversation: with `messages`, `{"role", "content"}` each.

    Returns:
        defects of the kinds `no_messages`, `malformed_turn`, `unknown_role`, `starts_on_therapist`, `not_alternating`,
        `ends_on_client`, `too_short`, `empty_turn`, `duplicate_turn`. Never raises.
    """
    messages = conversation.get("messages")
    if not isinstance(messages, list) or not messages:
        return [Defect("no_messages", None, "there are no messages")]
    found, roles, said = [], [], {}
    for index, message in enumerate(messages):
        if not isinstance(message, Mapping) or not isinstance(message.get("content"), str):
            found.append(Defect("malformed_turn", index, "the message has no role and text"))
            continue
        role, text = message.get("role"), message["content"]
        if role == "system" and index == 0:
            continue
        if role not in (CLIENT, THERAPIST):
            found.append(Defect("unknown_role", index, f"the role is neither {CLIENT!r} nor {THERAPIST!r}"))
        elif not roles and role != CLIENT:
            found.append(Defect("starts_on_therapist", index, "the client should speak first"))
        elif roles and roles[-1] == role:
            found.append(Defect("not_alternating", index, "the same speaker has two turns running"))
        roles.append(role)
        words = _WORDS.findall(text.lower())
        if not words:
            found.append(Defect("empty_turn", index, "the turn holds no word"))
        elif len(words) > SHORT:
            first = said.setdefault(" ".join(words), index)
            if first != index:
                found.append(Defect("duplicate_turn", index, f"says the same as turn {first}"))
    if roles and roles[-1] == CLIENT:
        found.append(Defect("ends_on_client", len(messages) - 1, "the client's last turn is left unanswered"))
    if len(roles) < MIN_TURNS:
        found.append(Defect("too_short", None, f"{len(roles)} turns, at least {MIN_TURNS} needed"))
    return found
