"""Who a figure is about: coarse groups of people, from what their messages say."""

import re
from collections.abc import Sequence

import numpy as np

from pixel.clinical.bias import axes

LEAST_TURNS = 10
"""Replies of the model below which a subgroup has no figure."""
AXES = ("gender", "ethnicity", "religion", "age")
TOPICS = {
    "substances": ("alcohol", "smok", "drug", "gambl"),
    "health": ("medicine", "medical", "asthma", "diabetes", "weight", "diet", "exercise", "activity", "oral", "birth"),
    "rules": ("recidivism", "compliance", "violence", "community service"),
}


def topic_group(topic: str) -> str:
    """`substances`, `health`, `rules` or `other`, out of AnnoMI's words for a session's topic."""
    low = topic.lower()
    return next((name for name, words in TOPICS.items() if any(word in low for word in words)), "other")


def named_groups(text: str, axis: str) -> set[str]:
    """
    The groups of an axis of `pixel/clinical/bias_swaps.yaml` whose words a text holds.

    They say who is spoken of, not who speaks: "my wife" is a word of the female group, said by anybody. Words of
    gender and age count in any case, the others as they are written there: "Black" is no mood.

    Raises:
        KeyError: no such axis.
    """
    fold = str.lower if axis in ("gender", "age") else str
    words = set(re.findall(r"[^\W\d_]+", fold(text)))
    return {group for group, own in axes()[axis]["groups"].items() if words & {fold(str(word)) for word in own}}


def by_named_group(texts: Sequence[str], axis: str) -> dict[str, np.ndarray]:
    """Group -> rows (int) of texts that name this group of the axis and no other of it; `none` names none."""
    named = [named_groups(text, axis) for text in texts]
    found = {group: [row for row, own in enumerate(named) if own == {group}] for group in axes()[axis]["groups"]}
    found["none"] = [row for row, own in enumerate(named) if not own]
    return {group: np.array(rows, dtype=int) for group, rows in found.items() if rows}


def by_named_groups(texts: Sequence[str]) -> dict[str, np.ndarray]:
    """
    `AXIS_words_GROUP` -> rows, over `AXES`. Of the axes behind gender only groups with enough rows are there: most
    messages name nobody's ethnicity, faith or age, and a line for each would say nothing.
    """
    found = {}
    for axis in AXES:
        for group, rows in by_named_group(texts, axis).items():
            if axis == "gender" or (group != "none" and len(rows) >= LEAST_TURNS):
                found[f"{axis}_words_{group}"] = rows
    return found
