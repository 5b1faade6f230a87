"""What is said and what is answered: the pairs that most measures of a conversation are made of."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

BEFORE = 3
"""Messages before a reply that a measure looks at."""
NEAR = 40
"""How many places away, by length, a swapped reply may come from."""


class Exchange(NamedTuple):
    """
    A reply and what came before it.

    Attributes:
        id: `source:row#message`.
        group: person, dialogue or session.
        before: texts before the reply, oldest first, the one it answers last; never empty.
        reply: the answer.
        messages: the whole conversation up to the reply, `{"role", "content"}` each, for a model to answer.
    """

    id: str
    group: str
    before: tuple[str, ...]
    reply: str
    messages: tuple[Mapping[str, str], ...] = ()


def exchanges(rows: Iterable[Mapping[str, Any]]) -> list[Exchange]:
    """Every helper's reply to a client's message in conversations of the schema."""
    out = []
    for row in rows:
        said = row["messages"]
        for place in range(1, len(said)):
            if said[place]["role"] == "assistant" and said[place - 1]["role"] == "user":
                before = tuple(
                    one["content"] for one in said[max(0, place - BEFORE) : place] if one["role"] != "system"
                )
                name = f"{row.get('source', '')}:{row.get('id', '')}#{place}"
                out.append(
                    Exchange(name, str(row.get("group", "")), before, said[place]["content"], tuple(said[:place]))
                )
    return out


def swapped(given: Sequence[Exchange], seed: int = 0) -> list[Exchange]:
    """
    The same messages, each with a reply that somebody of another group gave to something else: the next in length as
    far as possible, so that length tells nothing.

    Raises:
        ValueError: all are of one group.
    """
    if len({one.group for one in given}) < 2:
        raise ValueError("replies of one group only: nothing to swap with. Mend: give more conversations")
    generator = np.random.default_rng(seed)
    lengths = np.array([len(one.reply.split()) for one in given])
    order = np.lexsort((generator.random(len(given)), lengths))
    place = np.empty(len(given), dtype=int)
    place[order] = np.arange(len(given))
    out = []
    for number, one in enumerate(given):
        reach = NEAR
        while True:
            low, high = max(0, place[number] - reach), min(len(given), place[number] + reach + 1)
            others = [given[i].reply for i in order[low:high] if given[i].group != one.group]
            if others:
                break
            reach *= 2
        out.append(one._replace(reply=others[int(generator.integers(len(others)))]))
    return out


def words(text: str) -> int:
    """Words of a text, by blanks."""
    return len(text.split())
