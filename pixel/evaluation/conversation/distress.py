"""What a client says of themselves, early and late: the one sign of effect that a transcript holds, a weak one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

PART = 3
"""A client's messages are cut in so many parts; the first is early, the last late."""
FAREWELL = 2
"""Closing messages that are left out of the late part: thanks and goodbyes come after good and bad talks alike."""


def parts(messages: Sequence[Mapping[str, str]]) -> tuple[list[int], list[int]] | None:
    """
    Numbers of a client's early and of their late messages, farewells left out; `None` where they do not differ.
    """
    said = [place for place, message in enumerate(messages) if message["role"] == "user"]
    said = said[: max(0, len(said) - FAREWELL)]
    if len(said) < 2:
        return None
    size = max(1, len(said) // PART)
    return said[:size], said[-size:]


def relief(messages: Sequence[Mapping[str, str]], distress: Sequence[float | None]) -> float | None:
    """
    How far read distress falls from the early part to the late one.

    Args:
        messages: of a conversation.
        distress: for every message the distress read in it, in [0, 1]; `None` where it was not read.

    Returns:
        in [-1, 1], above 0 where it falls; `None` where either part was not read.
    """
    cut = parts(messages)
    if cut is None:
        return None
    early, late = ([distress[place] for place in some if distress[place] is not None] for some in cut)
    return float(np.mean(early) - np.mean(late)) if early and late else None


def rated_relief(row: Mapping[str, Any]) -> float | None:
    """A person's own rating before less that after, in [-1, 1], of a row of the schema; `None` without both."""
    rated = ratings(row, "distress")
    return rated[0] - rated[-1] if len(rated) >= 2 else None


def ratings(row: Mapping[str, Any], field: str) -> list[float]:
    """The scores of a field of one number that stand in a row of the schema, in order."""
    return [float(np.ravel(value)[0]) for value in row.get(field) or [] if value is not None]


def change_share(talk: np.ndarray) -> float | None:
    """
    Share of talk for a change among a client's talk for or against it.

    Args:
        talk: float `[client turns, 2]`, change and sustain talk, as `BehaviourReader` reads it.
    """
    total = float(np.sum(talk))
    return float(np.sum(talk[:, 0]) / total) if len(talk) and total > 1e-6 else None
