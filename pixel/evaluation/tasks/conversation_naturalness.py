"""Naturalness: how usual the model's replies are among people's, by their surface."""

import numpy as np

from pixel.evaluation.context import Context
from pixel.evaluation.conversation.exchanges import Exchange
from pixel.evaluation.conversation.measured import standing
from pixel.evaluation.conversation.naturalness import default_naturalness
from pixel.evaluation.conversation.places import answered, flattered
from pixel.evaluation.conversation.text_marks import FEATURES, text_marks
from pixel.evaluation.items import Item
from pixel.evaluation.shares import mean_row
from pixel.evaluation.task import TaskResult

TOGETHER = 4
"""Places whose replies are looked at together: single ones are too short to be known by."""
UNUSUAL = 1.5
"""From so many of people's standard deviations on a mark is named in the notes."""


class ConversationNaturalness:
    """
    Rows `replies/naturalness` and `people/naturalness`: the share of people's chunks of replies that are at least as
    unusual as these, 0.5 for people on average. Notes name the marks by which the model's replies stand out.
    """

    name, group, needs = "conversation_naturalness", "conversation", ("generation",)
    about = "how usual the model's replies are among people's: order of words, repetition, sentences, marks"

    def run(self, context: Context) -> TaskResult:
        said, reader, found = answered(context), default_naturalness(), standing("naturalness")
        about = {"task": self.name, "group": self.group, "validated": found.validated, "against": found.against}
        order = [one.id for one in said.people]
        rows, items, notes = [], [], flattered([one.group for one in said.people])
        for some, metric in ((said.model, "replies/naturalness"), (said.people, "people/naturalness")):
            scored = scores(some, order, reader)
            rows.append(
                mean_row(
                    context,
                    list(scored.values()),
                    list(scored),
                    metric=metric,
                    reason="fewer than 60 words at a time",
                    **about,
                )  # fmt: skip
            )
            if some is said.model:
                items = [Item(name, metric, value, name) for name, value in scored.items()]
        if said.model:
            notes.append(standing_out([one.reply for one in said.model], reader))
        return TaskResult(rows, items, [note for note in notes if note])


def scores(some: list[Exchange], order: list[str], reader) -> dict[str, float]:
    """Naturalness of four places at a time, by the id of the first; those with fewer than 60 words are left out."""
    replies, out = {one.id: one.reply for one in some}, {}
    for start in range(0, len(order), TOGETHER):
        together = [replies[name] for name in order[start : start + TOGETHER] if name in replies]
        value = reader.score(together)
        if value is not None:
            out[order[start]] = value
    return out


def standing_out(replies: list[str], reader) -> str | None:
    """Marks by which replies differ from people's, in people's standard deviations; `None` where there are none."""
    found = [
        marks
        for start in range(0, len(replies), TOGETHER)
        if (marks := text_marks(replies[start : start + TOGETHER], reader.tensors["table"])) is not None
    ]
    if not found:
        return None
    z = (np.mean(found, 0) - reader.tensors["mean"]) / reader.tensors["spread"]
    named = [f"{FEATURES[i]} {z[i]:+.1f} SD" for i in np.argsort(-np.abs(z)) if abs(z[i]) >= UNUSUAL]
    return f"replies stand out from people's by: {', '.join(named)}" if named else None
