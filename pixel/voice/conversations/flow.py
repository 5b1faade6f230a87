"""Whether a dialogue flows: replies that take up what was said, turns of a human length, speakers in turn."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

BEFORE = 3
"""Messages before a reply that it may take up."""
LEAST_COHERENCE = 0.22
"""Of people's dialogues in AnnoMI and ESConv (windows of 8 messages, one half of the groups) .05 lie below it. On the
other half .05 of people's dialogues do, and .65 of those whose replies come from other dialogues."""
SHORTEST, LONGEST = 1, 400
"""Words of a message. No message of AnnoMI and ESConv is longer than 350."""
LEAST_SPOKEN = 4.0
"""Mean words of the assistant's messages below which there is nothing to learn from them."""


class Flow(NamedTuple):
    """
    Attributes:
        coherence: mean over replies of the best cosine with one of the `BEFORE` messages before it, in [-1, 1].
        shortest, longest: words of a message.
        spoken: mean words of the assistant's messages.
        alternates: user and assistant take turns, the user first and the assistant last.
    """

    coherence: float
    shortest: int
    longest: int
    spoken: float
    alternates: bool


def measure_flow(messages: Sequence[Mapping[str, str]], encoder) -> Flow:
    """
    Args:
        messages: `{"role", "content"}`, user and assistant; at least one of each.
        encoder: with `encode(texts) -> [n, size]`, each of length 1.

    Raises:
        ValueError: nobody replies.
    """
    replies = [place for place, one in enumerate(messages) if one["role"] == "assistant" and place]
    if not replies:
        raise ValueError("nobody replies. Mend: give a message and a reply to it")
    vectors = np.asarray(encoder.encode([one["content"] for one in messages]))
    best = [float((vectors[max(0, place - BEFORE) : place] @ vectors[place]).max()) for place in replies]
    words = [len(one["content"].split()) for one in messages]
    roles = [one["role"] for one in messages]
    return Flow(
        float(np.mean(best)),
        min(words),
        max(words),
        float(np.mean([words[place] for place in replies])),
        len(roles) % 2 == 0 and roles == ["user", "assistant"] * (len(roles) // 2),
    )


def why_it_halts(flow: Flow) -> str | None:
    """
    The first thing that is wrong with a dialogue, or `None`.

    Example:
        >>> why_it_halts(Flow(0.1, 5, 80, 40.0, True))
        'replies take up little of what was said'
    """
    if not flow.alternates:
        return "speakers do not take turns"
    if flow.shortest < SHORTEST or flow.longest > LONGEST:
        return "a message is too long" if flow.longest > LONGEST else "a message is empty"
    if flow.spoken < LEAST_SPOKEN:
        return "the voice says next to nothing"
    return "replies take up little of what was said" if flow.coherence < LEAST_COHERENCE else None
