"""Coherence: do the model's replies fit what was said, and does the model know the reply that was really given?"""

import numpy as np

from pixel.evaluation.context import Context
from pixel.evaluation.conversation.coherence import default_coherence
from pixel.evaluation.conversation.exchanges import exchanges, swapped, words
from pixel.evaluation.conversation.measured import standing
from pixel.evaluation.conversation.places import answered, flattered
from pixel.evaluation.conversation.preference import pointwise_information
from pixel.evaluation.items import Item
from pixel.evaluation.parts import run_parts
from pixel.evaluation.row import Row
from pixel.evaluation.shares import mean_row
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.evaluation.validity import validate_measure, validity_row

PAIRS = 120
"""True and swapped replies that the model weighs at most."""
TALKS = ("empatheticdialogues", "esconv")


class ConversationCoherence:
    """
    Rows `replies/coherence` and `people/coherence`: how likely a reply belongs to what was said before it rather than
    to another conversation, beside a constant reply (`majority`). Row `prefers_true/CORPUS`: area under the ROC curve
    with which the model's own likelihoods tell the reply that was given from one swapped in.
    """

    name, group, needs = "conversation_coherence", "conversation", ()
    about = "replies that fit what was said; the model's own preference for the true reply"

    def run(self, context: Context) -> TaskResult:
        return run_parts(context, (replies, preference))


def replies(context: Context) -> tuple[list[Row], list[Item]]:
    """Coherence of the model's replies, of people's and of a constant one."""
    said = answered(context)
    context.encoder()
    reader, found = default_coherence(), standing("coherence")
    scores = {name: reader.score(getattr(said, name)) for name in ("model", "people", "constant")}
    about = {
        "task": ConversationCoherence.name, "group": ConversationCoherence.group, "validated": found.validated,
        "against": found.against, "majority": float(np.nanmean(scores["constant"])),
    }  # fmt: skip
    rows, items = [], []
    told = "; ".join(flattered([one.group for one in said.people])) or None
    for name, metric in (("model", "replies/coherence"), ("people", "people/coherence")):
        given = [
            (one, value) for one, value in zip(getattr(said, name), scores[name], strict=True) if np.isfinite(value)
        ]
        rows.append(
            mean_row(
                context,
                [value for _, value in given],
                [one.group for one, _ in given],
                metric=metric,
                reason="no reply with words",
                reference=told if name == "people" else None,
                **about,
            )  # fmt: skip
        )
        if name == "model":
            items += [Item(one.id, metric, value, one.group) for one, value in given]
    return rows, items


def preference(context: Context) -> tuple[list[Row], list[Item]]:
    """Whether the model finds the true reply likelier after what was said than a swapped one."""
    tokenizer, network = context.network()
    rows, items = [], []
    for corpus in TALKS:
        try:
            given = [one for one in exchanges(context.corpus(corpus)) if words(one.reply) >= 5]
        except TaskSkipped:
            continue
        if len({one.group for one in given}) < 2:
            continue
        given = context.sample(given, PAIRS)
        if len({one.group for one in given}) < 2:
            continue
        other = swapped(given, context.seed)
        likely = pointwise_information([*given, *other], tokenizer, network)
        true, false = likely[: len(given)], likely[len(given) :]
        groups = [one.group for one in given]
        found = validate_measure(
            likely, np.repeat([1, 0], len(given)), groups * 2, [words(one.reply) for one in [*given, *other]], "auc",
            f"{corpus}: replies given against replies to something else", context.resamples, context.seed,
        )  # fmt: skip
        metric = f"prefers_true/{corpus}"
        rows.append(
            validity_row(
                found,
                task=ConversationCoherence.name,
                group=ConversationCoherence.group,
                metric=metric,
                validated=None,
                reason=None if found.value is not None else found.reason,
            )  # fmt: skip
        )
        items += [Item(one.id, metric, float(a > b), one.group) for one, a, b in zip(given, true, false, strict=True)]
    if not rows:
        raise TaskSkipped("needs empatheticdialogues or esconv. Mend: give --data_root")
    return rows, items
