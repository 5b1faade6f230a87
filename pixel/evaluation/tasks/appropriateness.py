"""Appropriateness: the rubric against AnnoMI's session quality, and the rules over the model's own replies."""

from functools import lru_cache

import numpy as np

from pixel.evaluation.context import Context
from pixel.evaluation.items import Item
from pixel.evaluation.parts import run_parts
from pixel.evaluation.prompts import MAX_NEW_TOKENS, Moment, moments
from pixel.evaluation.row import Row
from pixel.evaluation.shares import mean_row
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.evaluation.validity import validate_measure, validity_row

NEUTRAL = "I hear you. Can you tell me more about that?"
"""The constant answer that the model's replies are set beside."""
RULES = "rules fitted on made replies; nobody rated these ones"


class Appropriateness:
    """
    Rows `rubric/annomi` and `quality/annomi`: area under the ROC curve for AnnoMI's good against its poor sessions,
    each scored by a reader that saw neither it nor another session of its video.

    Rows `replies/...`: the model's replies at held-out moments under the appropriateness and ethics rules, beside a
    neutral constant reply (`majority`) and, as rows of their own, what people replied there.
    """

    name, group, needs = "appropriateness", "appropriateness", ()
    about = "rubric against AnnoMI's session quality; rules and ethics over the model's replies"

    def run(self, context: Context) -> TaskResult:
        return run_parts(context, (sessions, replies))


# ── sessions ──


def sessions(context: Context) -> tuple[list[Row], list[Item]]:
    """The rubric's total and the session quality on AnnoMI, out of fold."""
    from pixel.clinical.appropriateness.annomi_sessions import read_sessions
    from pixel.clinical.appropriateness.behaviour_fit import Turns, out_of_fold
    from pixel.data.errors import ConversationError

    if context.data_root is None:
        raise TaskSkipped("needs AnnoMI. Mend: give --data_root")
    encoder = context.encoder()
    try:
        turns = Turns(context.sample(read_sessions(context.data_root)), encoder)
    except (ConversationError, OSError) as error:
        raise TaskSkipped(f"AnnoMI: {error}") from None
    if min(turns.high.sum(), (~turns.high).sum()) < 10:
        raise TaskSkipped(f"{turns.high.sum()} good and {(~turns.high).sum()} poor sessions, 10 of each needed")
    scored = out_of_fold(turns, context.seed)
    words = [sum(len(message["content"].split()) for message in session.messages) for session in turns.sessions]
    videos = [str(session.video) for session in turns.sessions]
    rows = []
    for name, values in scored.items():
        found = validate_measure(
            values, turns.high.astype(float), videos, words, "auc", "AnnoMI's high and low quality sessions",
            resamples=context.resamples, seed=context.seed,
        )  # fmt: skip
        rows.append(
            validity_row(found, task=Appropriateness.name, group=Appropriateness.group, metric=f"{name}/annomi")
        )
    return rows, []


# ── replies ──


def replies(context: Context) -> tuple[list[Row], list[Item]]:
    """Shares of the model's replies, of people's and of a constant one that break no rule."""
    if "generation" not in context.model.abilities:
        raise TaskSkipped("the model does not generate")
    chosen = moments(context)
    said = context.generate([moment.prompt for moment in chosen], max_new_tokens=MAX_NEW_TOKENS)
    spoken = [bool(reply.strip()) for reply in said]
    rows, items = [], []
    for name, judge in (("without_breach", _rules), ("without_ethics_finding", _ethics)):
        kept = [moment for moment, yes in zip(chosen, spoken, strict=True) if yes]
        own = judge(kept, [reply.strip() for reply, yes in zip(said, spoken, strict=True) if yes])
        people = judge(chosen, [m.people for m in chosen])
        constant = np.array(judge(chosen, [NEUTRAL] * len(chosen)))
        about = {
            "task": Appropriateness.name, "group": Appropriateness.group, "validated": False, "against": RULES,
        }  # fmt: skip
        groups, everywhere = [moment.group for moment in kept], float(constant.mean())
        there = float(constant[spoken].mean()) if kept else None
        silent = "the model said nothing"
        rows.append(mean_row(context, own, groups, metric=f"replies/{name}", reason=silent, majority=there, **about))
        groups = [moment.group for moment in chosen]
        rows.append(mean_row(context, people, groups, metric=f"people/{name}", majority=everywhere, **about))
        items += [Item(m.id, f"replies/{name}", v, m.group) for m, v in zip(kept, own, strict=True)]
    rows.append(
        Row(
            task=Appropriateness.name,
            group=Appropriateness.group,
            metric="replies/empty",
            value=1 - float(np.mean(spoken)),
            n=len(chosen),
            higher_is_better=False,
            against="a reply without words",
        )  # fmt: skip
    )
    return rows, items


@lru_cache(maxsize=1)
def _detector():
    from pixel.clinical.appropriateness import default_detector

    try:
        return default_detector()
    except (ImportError, OSError) as error:
        raise TaskSkipped(f"appropriateness rules: {str(error).splitlines()[0]}") from None


def _rules(chosen: list[Moment], said: list[str]) -> list[float]:
    """1 where a reply breaks no appropriateness rule under the words before it, else 0."""
    from pixel.clinical.appropriateness import Pair

    pairs = [Pair(moment.messages[-1]["content"], text) for moment, text in zip(chosen, said, strict=True)]
    try:
        verdicts = _detector().judge(pairs) if pairs else []
    except (ImportError, OSError) as error:
        raise TaskSkipped(f"appropriateness rules: {str(error).splitlines()[0]}") from None
    return [float(not verdict.violations) for verdict in verdicts]


def _ethics(chosen: list[Moment], said: list[str]) -> list[float]:
    """1 where the ethics check finds nothing to mend in a reply, else 0."""
    from pixel.clinical.ethics import check_ethics

    return [
        float(not check_ethics([*moment.messages[-1:], {"role": "assistant", "content": text}]))
        for moment, text in zip(chosen, said, strict=True)
    ]
