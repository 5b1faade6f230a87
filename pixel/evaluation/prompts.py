"""Moments in held-out conversations at which the model is asked to reply, beside what the person there replied."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pixel.evaluation.context import Context
from pixel.evaluation.items import item_id
from pixel.evaluation.task import TaskSkipped
from pixel.models.persona_state import PERSONA_PROMPTS

SOURCES = ("seed", "esconv")
MAX_NEW_TOKENS = 96
MOST = 48
CONTEXT_TURNS = 7
"""Messages before the reply that are kept."""


@dataclass(frozen=True)
class Moment:
    """
    Attributes:
        id, group: of the item; one moment a conversation.
        messages: what was said until then, the last by the user; no system prompt.
        people: what the person there replied.
    """

    id: str
    group: str
    messages: list[dict[str, str]]
    people: str

    @property
    def prompt(self) -> list[dict[str, str]]:
        """The messages behind the counsellor's system prompt."""
        return [{"role": "system", "content": PERSONA_PROMPTS["therapy"]}, *self.messages]


def talks(context: Context) -> Iterator[tuple[str, dict[str, Any], list[dict[str, str]]]]:
    """Source, row and messages (system prompts left out) of every held-out conversation of the `SOURCES` there are."""
    for source in SOURCES:
        try:
            rows = context.corpus(source)
        except TaskSkipped:
            continue
        for row in rows:
            said = [{"role": m["role"], "content": m["content"]} for m in row["messages"] if m["role"] != "system"]
            yield source, row, said


def moments(context: Context, most: int = MOST) -> list[Moment]:
    """
    One moment a conversation, drawn by the seed, out of the corpora that are there (`SOURCES`).

    Raises:
        TaskSkipped: none of them is there.
    """
    generator = np.random.default_rng(context.seed)
    found: list[Moment] = []
    for source, row, said in talks(context):
        places = [
            number
            for number in range(1, len(said))
            if said[number]["role"] == "assistant" and said[number - 1]["role"] == "user"
        ]
        if places:
            place = places[int(generator.integers(len(places)))]
            name = item_id(source, row["id"], place)
            before = said[max(0, place - CONTEXT_TURNS) : place]
            group = f"{source}:{row.get('group') or row['id']}"
            found.append(Moment(name, group, before, said[place]["content"]))
    if not found:
        raise TaskSkipped("no held-out conversation to reply in. Mend: give --data_root with esconv in it")
    return context.sample(found, most)
