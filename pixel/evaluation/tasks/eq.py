"""EQ: how well the five domains and the total are read, and how a model's own replies are read."""

import numpy as np

from pixel.evaluation.context import Context
from pixel.evaluation.items import Item
from pixel.evaluation.labelled import Labelled, labelled_turns, read_out
from pixel.evaluation.prompts import MAX_NEW_TOKENS, moments
from pixel.evaluation.row import Row
from pixel.evaluation.shares import mean_row
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.evaluation.tasks.readouts import DERIVED
from pixel.evaluation.validity import validate_measure, validity_row
from pixel.models.labels import EQ_DOMAINS

CORPORA = ("epitome", "esconv", "seed")
WRITERS = "the seed's own writers; no clinician validated them"


class EQ:
    """
    Rows `DOMAIN/CORPUS`: Pearson's r of read-out and rating over rated turns. Nobody rated a domain: two are derived
    from the levels people gave in EPITOME, the seed conversations carry their own writers' ratings, and neither
    validates anything. ESConv has seekers' feedback for the total.

    Rows `level/DOMAIN`: the mean read-out of the model's own replies in held-out conversations. The model reads itself
    there: a description, not an achievement.
    """

    name, group, needs = "eq", "eq", ("readouts",)
    about = "five EQ domains and the total: read-out against ratings, and level of the model's own replies"

    def run(self, context: Context) -> TaskResult:
        rows, items, notes = [], [], []
        for corpus in CORPORA:
            try:
                found = ratings(context, corpus)
            except TaskSkipped as reason:
                notes.append(f"{corpus} left out: {reason}")
                continue
            for domain, (said, rated, turns) in found.items():
                rows.append(correlation_row(context, domain, corpus, said, rated, turns))
                near = zip(turns.ids, turns.groups, 1 - np.abs(said - rated), strict=True)
                items += [Item(name, f"{domain}/{corpus}", value, group) for name, group, value in near]
        unrated = [d for d in EQ_DOMAINS if not any(r.metric == f"{d}/epitome" for r in rows)]
        if unrated:
            notes.append(f"no corpus that people rated names {', '.join(unrated)}: only the seed's writers rated them")
        if "generation" in context.model.abilities:
            try:
                own, said = levels(context)
                rows, items = rows + own, items + said
            except TaskSkipped as reason:
                notes.append(f"no level of its own replies: {reason}")
        if not rows:
            raise TaskSkipped("; ".join(notes) or "no rated turn")
        return TaskResult(rows, items, notes)


def ratings(context: Context, corpus: str) -> dict[str, tuple[np.ndarray, np.ndarray, Labelled]]:
    """
    Rated turns of a corpus the model was not trained on.

    Returns:
        domain or `total` -> read-outs `[turns]`, ratings `[turns]`, and the turns (only those rated).

    Raises:
        TaskSkipped: the corpus is not there.
    """
    given = [row for row in context.corpus(corpus) if row.get("eq") or row.get("eq_total")]
    given = context.sample(given)
    records = context.readouts(given)
    found = {}
    for field, names in (("eq", EQ_DOMAINS), ("eq_total", ("total",))):
        turns = labelled_turns(field, corpus, given, records)
        for column, name in enumerate(names if turns is not None else ()):
            known = ~np.isnan(turns.targets[:, column])
            if known.any():
                part = Labelled(
                    field, corpus, turns.probabilities[known], turns.targets[known], turns.groups[known],
                    turns.lengths[known], [one for one, yes in zip(turns.ids, known, strict=True) if yes],
                )  # fmt: skip
                found[name] = part.probabilities[:, column], part.targets[:, column], part
    return found


def correlation_row(
    context: Context, domain: str, corpus: str, said: np.ndarray, rated: np.ndarray, turns: Labelled
) -> Row:
    """Pearson's r beside a constant answer and message length; validated only against what people rated themselves."""
    against = WRITERS if corpus == "seed" else DERIVED.get((turns.field, corpus), f"ratings of {corpus}")
    unrated = {"seed": "rated by the conversations' own writers"}.get(corpus)
    if (turns.field, corpus) == ("eq", "epitome"):
        unrated = "people rated the levels it is derived from, not the domain"
    found = validate_measure(
        said, rated, turns.groups, turns.lengths, "pearson", against, resamples=context.resamples, seed=context.seed
    )
    return validity_row(
        found, task=EQ.name, group=EQ.group, metric=f"{domain}/{corpus}",
        reason=found.reason if found.value is None else unrated or found.reason,
        validated=found.validated and unrated is None,
    )  # fmt: skip


def levels(context: Context) -> tuple[list[Row], list[Item]]:
    """
    How the model's replies at held-out moments are read by its own heads.

    Raises:
        TaskSkipped: there is no held-out conversation.
    """
    chosen = moments(context)
    replies = context.generate([moment.prompt for moment in chosen], max_new_tokens=MAX_NEW_TOKENS)
    spoken = [(moment, reply) for moment, reply in zip(chosen, replies, strict=True) if reply.strip()]
    talks = [
        {"messages": [*moment.messages, {"role": "assistant", "content": reply.strip()}]} for moment, reply in spoken
    ]
    records = context.readouts(talks)
    rows, items = [], []
    for field, names in (("eq", EQ_DOMAINS), ("eq_total", ("total",))):
        read = [read_out(turns[-1], field) for turns in records]
        for column, name in enumerate(names):
            values = [(m, said[column]) for (m, _), said in zip(spoken, read, strict=True) if said is not None]
            rows.append(
                mean_row(
                    context,
                    [value for _, value in values],
                    [m.group for m, _ in values],
                    task=EQ.name,
                    group=EQ.group,
                    metric=f"level/{name}",
                    validated=False,
                    against="the model's own heads",
                    reason="the model replied nothing, or reads no EQ",
                )  # fmt: skip
            )
            items += [Item(m.id, f"level/{name}", value, m.group) for m, value in values]
    return rows, items
