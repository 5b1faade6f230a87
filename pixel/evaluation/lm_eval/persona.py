"""Persona: whether a moment of a conversation asks for a therapist, for an assistant, or for both at once."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from pixel.evaluation.lm_eval.choices import Question
from pixel.models.labels import FIELDS
from pixel.persona import load_dialogues, row_of

TURNS = 6
"""So many messages are shown, the last of them the one that is asked about."""
WORDS = {
    "therapy": "As a therapist: stay with the feeling before anything else",
    "assistant": "As an assistant: get the practical matter done",
    "hybrid": "As both at once: do the practical matter and keep the feeling in view",
}
SPEAKERS = {"user": "Person", "assistant": "Reply", "system": "Setting"}


def persona(rows: Iterable[Mapping[str, Any]] | None = None, seed: int = 0) -> Iterator[Question]:
    """
    One question for every message of a person at which the mode changes, and for one other of each conversation.

    Args:
        rows: of the schema, with `persona_mode` and, where switches are known, `persona_switch`; `None`: the test
            split of Pixel's own persona-switching benchmark (`pixel.persona`).
        seed: chooses the other message.

    Yields:
        `Question`; its group is the conversation.
    """
    modes = FIELDS["persona_mode"].names
    options, rng = tuple(WORDS[mode] for mode in modes), np.random.default_rng(seed)
    for row in [row_of(dialogue) for dialogue in load_dialogues("test")] if rows is None else rows:
        labels = row["persona_mode"] or ()
        turns = [t for t, label in enumerate(labels) if label is not None and row["messages"][t]["role"] == "user"]
        changes = [turn for turn in turns if _switched(row, turn)]
        others = [turn for turn in turns if turn not in changes]
        for turn in sorted([*changes, *rng.permutation(others)[:1].tolist()]):
            shown = row["messages"][max(0, turn + 1 - TURNS) : turn + 1]
            talk = "\n".join(f"{SPEAKERS[one['role']]}: {one['content'].strip()}" for one in shown)
            asked = f"{talk}\n\nWhat kind of reply does the last message ask for?"
            yield Question(f"{row['id']}#{turn}", asked, options, int(labels[turn]), group=row["group"] or row["id"])


def _switched(row: Mapping[str, Any], turn: int) -> bool:
    switch = (row.get("persona_switch") or {turn: None})[turn]
    return bool(switch and switch[0] >= 0.5)
