"""A message and the reply to it, as everything in this folder takes them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pixel.models.labels import EPITOME_MECHANISMS

UNKNOWN = float("nan")


class Exchange(NamedTuple):
    """
    One reply and the message before it.

    Attributes:
        id: of the conversation and the turn.
        group: person, thread or session.
        message: what the reply answers; empty where the helper speaks first.
        reply: what the helper says.
        levels: how strongly people saw each of `EPITOME_MECHANISMS` in the reply, 0 to 2, NaN where nobody said.
    """

    id: str
    group: str
    message: str
    reply: str
    levels: tuple[float, ...] = (UNKNOWN,) * len(EPITOME_MECHANISMS)


def exchanges(rows: Iterable[Mapping[str, Any]]) -> list[Exchange]:
    """Every assistant turn that directly follows a user turn, out of rows of the schema."""
    out = []
    for row in rows:
        messages = row["messages"]
        for turn in range(1, len(messages)):
            if messages[turn]["role"] != "assistant" or messages[turn - 1]["role"] != "user":
                continue
            levels = tuple(_level(row.get(name), turn) for name in EPITOME_MECHANISMS)
            name = f"{row['source']}:{row['id']}#{turn}"
            out.append(Exchange(name, row["group"], messages[turn - 1]["content"], messages[turn]["content"], levels))
    return out


def levels_of(pairs: Sequence[Exchange]) -> np.ndarray:
    """Float `[pairs, 3]`, NaN where nobody labelled the reply."""
    return np.array([pair.levels for pair in pairs], dtype=float).reshape(len(pairs), len(EPITOME_MECHANISMS))


def word_counts(texts: Iterable[str]) -> np.ndarray:
    """Words of each text: all that a measure of length knows."""
    return np.array([len(text.split()) for text in texts], dtype=float)


def lengths_of(pairs: Sequence[Exchange]) -> np.ndarray:
    """Logarithm of the words of each reply, which every measure has to beat."""
    return np.log1p(word_counts(pair.reply for pair in pairs))


def _level(per_turn: Sequence | None, turn: int) -> float:
    value = per_turn[turn] if per_turn else None
    return UNKNOWN if value is None else float(value)
