"""One voice over a long conversation: smooth transitions, steadiness between switches, and the replies themselves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pixel.clinical.appropriateness.pair_features import Pair
from pixel.evaluation.items import Item, item_id
from pixel.evaluation.row import Row
from pixel.evaluation.shares import mean_row
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.evaluation.tasks.persona_tracks import AGAINST, follow, held_out, read_tracks, score_row
from pixel.models.labels import PERSONA_MODES
from pixel.models.persona_state import PERSONA_PROMPTS
from pixel.persona.baseline_figures import known_figures
from pixel.persona.consistency import drift, held_share
from pixel.persona.dialogues import Dialogue, load_dialogues
from pixel.persona.reply_quality import default_qualities, quality_by_mode
from pixel.persona.scores import MEASURES, scores
from pixel.persona.smoothness import reply_continuity
from pixel.persona.tracks import steady

if TYPE_CHECKING:
    from pixel.evaluation.context import Context

TASK = "persona_consistency"
STEADINESS = ("excess_variation", "needless_flips_per_dialogue", "held_share", "drift")
LONG = 12
"""The person's turns from which on a real session is long."""
SESSIONS = "sessions with a helper throughout: therapy is needed at every turn, by the corpus's design"
REPLIED = 16
"""Dialogues whose replies are generated, at most."""


class PersonaConsistency:
    """
    Rows without a prefix: the benchmark's test part. `sessions/...`: long real sessions. `replies/...`: the model's
    own replies around a switch, in the mode needed; only where the model generates.
    """

    name, group, needs = TASK, "persona", ("readouts",)
    about = "smoothness of transitions, steadiness in long dialogues, replies around a switch by mode"

    def run(self, context: "Context") -> TaskResult:
        unseen, notes = held_out(context)
        test = context.sample(unseen)
        rows, items = steadiness_rows(context, test), []
        for part in (session_rows, reply_rows):
            try:
                found, said = part(context)
                rows, items = rows + found, items + said
            except TaskSkipped as reason:
                notes.append(f"{part.__name__.removesuffix('_rows')} left out: {reason}")
        return TaskResult(rows, items, notes)


def steadiness_rows(context: "Context", test: Sequence[Dialogue]) -> list[Row]:
    """The benchmark's test part. A system that never switches is perfectly steady: read it beside detection."""
    tracks = read_tracks(context, [one.messages() for one in test])
    few = follow(test, tracks)
    known = known_figures() if len(few) == len(load_dialogues("test")) else {}
    found = scores(few, STEADINESS, context.resamples, context.seed)
    return [
        score_row(
            TASK, name, score, MEASURES[name][1], AGAINST,
            majority=known.get("majority", {}).get(name, {}).get("value"),
            length=known.get("length_steady", {}).get(name, {}).get("value"),
            baseline=known.get("encoder_steady", {}).get(name, {}).get("value"),
            reference="baseline: MiniLM and logistic regression; one that never switches is perfectly steady",
        )
        for name, score in found.items()
    ]  # fmt: skip


def session_rows(context: "Context") -> tuple[list[Row], list[Item]]:
    """Long sessions of AnnoMI and ESConv: share of turns in therapy mode, steps that kept the mode, drift."""
    talks = []
    for name in ("annomi", "esconv"):
        try:
            rows = context.corpus(name)
        except TaskSkipped:
            continue
        talks += [(name, row) for row in rows if sum(m["role"] == "user" for m in row["messages"]) >= LONG]
    if not talks:
        raise TaskSkipped("no long session that the model was not trained on. Mend: give --data_root")
    talks = context.sample(talks)
    tracks = read_tracks(context, [row["messages"] for _, row in talks])
    measured: dict[str, list[float | None]] = {"therapy_share": [], "held_share": [], "drift": []}
    place = PERSONA_MODES.index("therapy")
    for track in tracks:
        given = steady(track.modes, track.switch, track.risk)
        measured["therapy_share"].append(float(np.mean([mode == "therapy" for mode in given])))
        measured["held_share"].append(held_share(["therapy"] * len(given), given).value)
        measured["drift"].append(drift(track.modes[:, place]).value)
    rows = [_mean_row(context, f"sessions/{name}", found, SESSIONS) for name, found in measured.items()]
    items = [
        Item(item_id(source, row["id"]), f"sessions/{name}", found[number])
        for name, found in measured.items()
        for number, (source, row) in enumerate(talks)
        if found[number] is not None
    ]
    return rows, items


def reply_rows(context: "Context") -> tuple[list[Row], list[Item]]:
    """The model's replies before and at the first switch of a dialogue, each in the mode needed there."""
    if "generation" not in context.model.abilities:
        raise TaskSkipped("the model does not generate")
    switching = [one for one in held_out(context)[0] if any(turn.switch for turn in one.users[1:])]
    talks = context.sample(switching, REPLIED)
    asked, modes, owner = [], [], []
    for number, one in enumerate(talks):
        messages = one.messages()
        last = next(turn for turn, said in enumerate(one.users) if said.switch)
        for turn in range(last + 1):
            mode = one.modes[turn]
            asked.append([{"role": "system", "content": PERSONA_PROMPTS[mode]}, *messages[: 2 * turn + 1]])
            modes.append(mode)
            owner.append(number)
    replies = context.generate(asked, max_new_tokens=64)
    pairs = [Pair(talk[-1]["content"], reply) for talk, reply in zip(asked, replies, strict=True)]
    vectors = context.encoder().encode(replies)
    continuity = [
        reply_continuity(vectors[own], [len(own) - 1]).value
        for own in (np.flatnonzero(np.array(owner) == number) for number in range(len(talks)))
    ]
    against = "no human labels: closeness of the reply at a switch to the one before"
    rows = [_mean_row(context, "replies/continuity", continuity, against, validated=False)]
    for mode, (measure, found) in quality_by_mode(pairs, modes, default_qualities()).items():
        own = [number for number, name in zip(owner, modes, strict=True) if name == mode]
        rules = "rules fitted on made replies; nobody rated these ones"
        rows.append(_mean_row(context, f"replies/{mode}_keeps_rules", found, rules, own, measure.reason, False))
    items = [
        Item(item_id("persona_switching", talks[number].id), "replies/continuity", value, talks[number].id)
        for number, value in enumerate(continuity)
        if value is not None
    ]
    return rows, items


def _mean_row(context, name, values, against, groups=None, reason=None, validated=None) -> Row:
    known = [number for number, value in enumerate(values) if value is not None]
    return mean_row(
        context, [values[number] for number in known], None if groups is None else [groups[n] for n in known],
        task=TASK, metric=name, group="persona", against=against, validated=validated,
        reason=reason or "nothing that can be measured",
    )  # fmt: skip
