"""Effect: the model's read-outs against how seekers say they fared, and its replies against good practice."""

import numpy as np

from pixel.evaluation.context import Context
from pixel.evaluation.conversation.distress import rated_relief, relief
from pixel.evaluation.conversation.exchanges import words
from pixel.evaluation.conversation.measured import standing
from pixel.evaluation.conversation.places import talked
from pixel.evaluation.items import Item, item_id
from pixel.evaluation.parts import run_parts
from pixel.evaluation.row import Row
from pixel.evaluation.shares import mean_row
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.evaluation.validity import validate_measure, validity_row

LEAST = 20


class Effectiveness:
    """
    Row `relief/esconv`: rank correlation of how far distress is read to fall with how far the seeker
    says it fell. Row `replies/practice`: likeness of conversations with the model's words to sessions shown as good
    practice, beside those with people's words. Nobody was helped or harmed by these replies: what a reply does to a
    person is not in a transcript, and these are proxies.
    """

    name, group, needs = "effectiveness", "appropriateness", ()
    about = "proxies of effect: read distress against rated change; likeness to good practice"

    def run(self, context: Context) -> TaskResult:
        return run_parts(context, (read_relief, practice))


def read_relief(context: Context) -> tuple[list[Row], list[Item]]:
    """Read fall of distress against the rated one, held-out conversations of ESConv."""
    given = [row for row in context.corpus("esconv") if rated_relief(row) is not None]
    given = context.sample(given)
    if len(given) < LEAST:
        raise TaskSkipped(f"{len(given)} held-out conversations with both ratings, {LEAST} needed")
    read, rated, length, kept = [], [], [], []
    for row, records in zip(given, context.readouts(given), strict=True):
        values = [record.get("emotion", {}).get("distress") for record in records]
        own = relief(row["messages"], values)
        if own is not None:
            read.append(own)
            rated.append(rated_relief(row))
            length.append(sum(words(message["content"]) for message in row["messages"]))
            kept.append(row)
    if len(kept) < LEAST:
        raise TaskSkipped("the model does not read distress")
    groups = [row.get("group") or row["id"] for row in kept]
    found = validate_measure(
        read, rated, groups, length, "spearman", "ESConv: seekers' own rating before less after", context.resamples,
        context.seed,
    )  # fmt: skip
    row = validity_row(found, task=Effectiveness.name, group=Effectiveness.group, metric="relief/esconv")
    return [row], [
        Item(item_id("esconv", one["id"]), "relief/esconv", -abs(a - b), group)
        for one, group, a, b in zip(kept, groups, _standardised(read), _standardised(rated), strict=True)
    ]


def practice(context: Context) -> tuple[list[Row], list[Item]]:
    """Likeness to good practice of whole conversations, with the model's words and with people's."""
    from pixel.clinical.appropriateness.behaviours import default_reader
    from pixel.clinical.appropriateness.quality import quality
    from pixel.clinical.appropriateness.session_features import session_features

    talks, found = talked(context), standing("practice")
    context.encoder()
    reader = default_reader()
    tensors, rows, items = reader.tensors, [], []
    mean, spread = tensors["mean"], np.maximum(tensors["spread"], 1e-6)
    for side, talk_of in (("replies", lambda talk: talk.model), ("people", lambda talk: talk.people)):
        known = []
        for talk, read in zip(talks, reader.read([talk_of(talk) for talk in talks]), strict=True):
            features = session_features(read)
            if features is not None:
                known.append((talk, quality(features, mean, spread, tensors["quality"])))
        metric = f"{side}/practice"
        rows.append(
            mean_row(
                context,
                [value for _, value in known],
                [talk.group for talk, _ in known],
                metric=metric,
                task=Effectiveness.name,
                group=Effectiveness.group,
                validated=found.validated,
                against=found.against,
                reason="no conversation could be read",
            )  # fmt: skip
        )
        if side == "replies":
            items += [Item(talk.id, metric, value, talk.group) for talk, value in known]
    return rows, items


def _standardised(values: list[float]) -> np.ndarray:
    numbers = np.asarray(values, dtype=float)
    return (numbers - numbers.mean()) / max(float(numbers.std()), 1e-9)
