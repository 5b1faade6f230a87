"""Invented conversations in which every label field is labelled somewhere, and none in every row."""

from datasets import Dataset

from pixel.data.schema import conversation, features
from pixel.models.labels import FIELDS, Field

PART = 5
"""Each row labels about a fifth of the fields."""


def rows_of_all_fields(count: int = 32) -> Dataset:
    """
    Args:
        count: conversations; at least `PART`, for every field to be labelled.

    Returns:
        rows of four turns and different lengths, with language to learn. The field in place `f` of `FIELDS` is
        labelled in the rows `r` with `(f + r // 2) % PART == 0`: batches, and ranks, hold different fields.
    """
    made = []
    for index in range(count):
        messages = [
            {"role": "user", "content": f"Day {index}: I could not sleep" + " again" * (index % 5) + "."},
            {"role": "assistant", "content": "That sounds hard. " + "Tell me more. " * (index % 3)},
            {"role": "user", "content": f"My job takes {index} hours, and it follows me home."},
            {"role": "assistant", "content": "What would help" + " today" * (index % 4) + "?"},
        ]
        labels = {}
        for place, field in enumerate(FIELDS.values()):
            if (place + index // 2) % PART == 0:
                turn = (place + index) % len(messages)
                labels[field.name] = [_label(field, index + t) if t == turn else None for t in range(len(messages))]
        made.append(conversation(messages, id=str(index), source="invented", licence="CC0-1.0", **labels))
    return Dataset.from_list(made, features=features())


def _label(field: Field, number: int):
    """A label of a field that changes from number to number."""
    if field.kind == "score":
        return [(number + place) % 5 / 4 for place in range(field.size)]
    if field.kind == "multilabel":
        return [field.names[number % field.size], field.names[(3 * number + 1) % field.size]]
    return number % field.size if field.kind == "ordinal" else field.names[number % field.size]
