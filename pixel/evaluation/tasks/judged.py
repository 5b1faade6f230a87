"""Judged replies: the model's beside people's, by judges that were first held against people themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel.data.errors import ConversationError
from pixel.evaluation.context import Context
from pixel.evaluation.items import Item, item_id
from pixel.evaluation.judges.agreement import Agreement
from pixel.evaluation.judges.human_pairs import annomi_sides, epitome_sides, matched_pairs, same_message_pairs
from pixel.evaluation.judges.judge import Pair, Side
from pixel.evaluation.judges.loading import load_judges
from pixel.evaluation.judges.panel import Panel, PanelRefused, convene
from pixel.evaluation.row import Row
from pixel.evaluation.shares import mean_row
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.models.persona_state import PERSONA_PROMPTS

MOST_PAIRS, MOST_REPLIES = 200, 48
MAX_NEW_TOKENS, LEAST_DRAWS = 96, 200
"""Fewer bootstrap draws do not decide whether a judge is heard."""
SIDES = {"epitome": ("empathy", epitome_sides), "annomi": ("quality", annomi_sides)}
AGAINST = {"empathy": "EPITOME levels of empathy", "quality": "AnnoMI session quality"}


class Judged:
    """
    Rows `agreement/CRITERION/JUDGE`: how often a judge chooses the reply that people scored higher, on pairs of like
    length (for `empathy_same_post` two replies to one post); `length` is what the longer (or shorter) reply scores.

    Rows `preferred/CRITERION`: how often the model's reply is chosen over what a person replied to the same message,
    by the validated judges; without two of them there is no value. The judges were held against people on **people's**
    replies. Nobody rated this model's, so the row is never called validated. Safety is not judged here at all: see
    the tasks `appropriateness` and `crisis`, and expert review.
    """

    name, group, needs = "judged", "conversation", ("generation", "data")
    about = "the model's replies beside people's, by local judges validated against people first"

    def run(self, context: Context) -> TaskResult:
        sides = labelled_sides(context)
        judges = context.judges() if context.has_judges else load_judges()
        try:
            panel = convene(
                judges,
                context.model,
                {criterion: rows for criterion, rows in sides.items() if rows},
                human_sets(sides, context),
                resamples=max(context.resamples, LEAST_DRAWS),
                seed=context.seed,
            )
        except PanelRefused as reason:
            raise TaskSkipped(str(reason)) from None
        rows = [_agreement_row(one) for one in panel.agreements]
        items, notes = [], [one.line() for one in panel.agreements] + panel.refused
        for criterion in sides:
            row, scored, note = preferred(context, panel, criterion)
            rows, items, notes = [*rows, row], items + scored, notes + note
        return TaskResult(rows, items, notes)


def labelled_sides(context: Context) -> dict[str, list[tuple[Side, float]]]:
    """
    Criterion -> replies with people's scores, of all splits: it is the judges that learn and are measured here.

    Raises:
        TaskSkipped: neither corpus is there.
    """
    found: dict[str, list[tuple[Side, float]]] = {}
    for name, (criterion, take) in SIDES.items():
        try:
            splits = context.corpora(name)
        except ConversationError:
            continue
        found[criterion] = take(row for rows in splits.values() for row in rows)
    if not any(found.values()):
        raise TaskSkipped("no corpus to hold the judges against. Mend: give --data_root with epitome or annomi in it")
    return found


def human_sets(
    sides: Mapping[str, Sequence[tuple[Side, float]]], context: Context
) -> list[tuple[str, str, Sequence[Pair]]]:
    """Pairs that people decided, as `convene` takes them."""
    most = min(MOST_PAIRS, context.limit or MOST_PAIRS)
    sets = []
    if "empathy" in sides:
        pairs = matched_pairs(sides["empathy"], 3, 1, "epitome", most, context.seed)
        sets.append(("empathy", AGAINST["empathy"], pairs))
        same = same_message_pairs(sides["empathy"], "epitome same post", context.seed)
        sets.append(("empathy", f"{AGAINST['empathy']}, same post", same))
    if "quality" in sides:
        sets.append(
            ("quality", AGAINST["quality"], matched_pairs(sides["quality"], 1, 0, "annomi", most, context.seed))
        )
    return sets


def preferred(context: Context, panel: Panel, criterion: str) -> tuple[Row, list[Item], list[str]]:
    """The model's replies against people's on one criterion: row, items and notes."""
    about: dict[str, Any] = {
        "task": Judged.name,
        "metric": f"preferred/{criterion}",
        "group": "empathy" if criterion == "empathy" else Judged.group,
        "majority": 0.5,
        "against": f"{AGAINST[criterion]}, between people's replies; nobody rated this model's",
        "validated": False,
    }
    names = panel.validated(criterion)
    moments = _moments(context, criterion)
    try:
        if not moments:
            raise PanelRefused("no held-out message that a person answered")
        panel.require(criterion)  # before the model is asked anything
        prompts = [
            [{"role": "system", "content": PERSONA_PROMPTS["therapy"]}, *messages] for _, _, messages in moments
        ]
        replies = context.generate(prompts, max_new_tokens=MAX_NEW_TOKENS)
        pairs = [
            Pair(name, Side(side.client, reply, side.group), side, side.group)
            for (name, side, _), reply in zip(moments, replies, strict=True)
        ]
        scores = panel.verdict(pairs, criterion)
    except PanelRefused as reason:
        return Row(value=None, reason=str(reason), **about), [], []
    longer = np.mean([len(pair.first.reply.split()) > len(pair.second.reply.split()) for pair in pairs])
    groups = [pair.group for pair in pairs]
    row = mean_row(context, scores, groups, **about, length=float(longer))
    items = [
        Item(id=pair.id, metric=about["metric"], value=float(score), group=pair.group)
        for pair, score in zip(pairs, scores, strict=True)
    ]
    note = f"preferred/{criterion} is by {' and '.join(names)}; the model's reply is the longer in {longer:.0%}"
    return row, items, [note]


def _moments(context: Context, criterion: str) -> list[tuple[str, Side, list[dict[str, str]]]]:
    """Held-out messages and what a person answered: id, that side, and the messages the model is shown."""
    corpus = next(name for name, (known, _) in SIDES.items() if known == criterion)
    take, found = SIDES[corpus][1], []
    try:
        rows = context.corpus(corpus)
    except TaskSkipped:
        return []
    for row in rows:
        for number, (side, score) in enumerate(take([row])):
            if corpus == "epitome" or score > 0:
                name = item_id(corpus, row["id"], number)
                found.append((name, side, [{"role": "user", "content": side.client}]))
    return context.sample(found, MOST_REPLIES)


def _agreement_row(one: Agreement) -> Row:
    where = f"{one.criterion}_same_post" if one.against.endswith("same post") else one.criterion
    return Row(
        task=Judged.name,
        metric=f"agreement/{where}/{one.judge}",
        value=one.value,
        low=one.low,
        high=one.high,
        group=Judged.group,
        n=one.n,
        majority=0.5,
        length=one.length,
        validated=one.validated,
        against=one.against,
    )
