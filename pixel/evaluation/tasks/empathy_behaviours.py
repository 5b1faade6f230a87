"""What the model's replies do (reflect, ask, advise) at places in sessions, beside helpers of good sessions."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pixel.clinical.appropriateness.behaviours import BEHAVIOURS
from pixel.empathy.annomi_readings import Readings, read_replies
from pixel.empathy.behaviour_shares import MARGINS, SHARES
from pixel.empathy.comparison import Comparison, compare
from pixel.empathy.corrected_share import corrected_share, length_weights
from pixel.empathy.exchanges import word_counts
from pixel.empathy.human_baselines import shipped_baselines
from pixel.empathy.recommendations import recommendations
from pixel.empathy.subgroups import LEAST_TURNS, by_named_groups, topic_group
from pixel.evaluation.items import Item, item_id
from pixel.evaluation.row import Row
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.evaluation.tasks.empathy_replies import (
    CALIBRATION as TASK,
)
from pixel.evaluation.tasks.empathy_replies import (
    MAX_NEW_TOKENS,
    PLACES,
    comparison_row,
    distance_rows,
    encoder_of,
    measured_row,
    session_places,
    so_far,
    validity_row,
)  # fmt: skip
from pixel.evaluation.tasks.empathy_validation import readings_of
from pixel.evaluation.validity import validate_measure
from pixel.metrics.measure import Measure, undefined

if TYPE_CHECKING:
    from pixel.evaluation.context import Context

GOOD = "AnnoMI, good sessions"
_DIRECT = {
    "reflections": ("simple_reflection", "complex_reflection"), "questions": ("open_question", "closed_question"),
    "open_questions": ("open_question",), "advice": ("advice",), "information": ("information",),
}  # fmt: skip
"""Shares of turns; the other two are ratios of these."""
USES = _DIRECT | {
    "complex_share": _DIRECT["reflections"],
    "reflections_per_question": _DIRECT["reflections"] + _DIRECT["questions"],
}
"""The behaviours whose reading each share rests on."""


def behaviours(context: "Context") -> TaskResult:
    """What replies do at places in sessions, against helpers of sessions shown as good practice."""
    encoder = encoder_of(context)
    people = readings_of(context.data_root, context.seed, encoder)
    places = context.sample(session_places(context.corpus("annomi")), PLACES)
    if not places:
        raise TaskSkipped("no session of AnnoMI that the model was not trained on")
    said = context.generate([so_far(row, turn) for row, turn in places], max_new_tokens=MAX_NEW_TOKENS)
    kept = [number for number, text in enumerate(said) if text.strip()]
    places, said = [places[number] for number in kept], [said[number] for number in kept]
    heard = [row["messages"][turn - 1]["content"] for row, turn in places]
    words = word_counts(said)
    read = read_replies(people, said, heard, [row["id"] for row, _ in places], encoder)
    video = {session.id: session.video for session in people.sessions}  # people's groups, so that both go by one name
    groups = np.array([video.get(row["id"], row["group"]) for row, _ in places])
    rows = reader_rows(context, people)
    read_well = {row.metric.removeprefix("reader_"): bool(row.validated) for row in rows}
    sound = {name: all(read_well[kind] for kind in USES[name]) for name in SHARES}
    compared = [share_of(name, people, read, words, groups, context) for name in SHARES]
    for one in compared:
        known = shipped_baselines().get(f"annomi_{one.name}_high", {})
        told = f"good sessions, all turns: {known['mean']:g} (n {known['n']})" if known else None
        flags = {"against": GOOD, "validated": sound[one.name]}
        rows.append(comparison_row(TASK, f"behaviour_{one.name}", one, reference=told, **flags))
    both = people.groups[people.high], groups
    rows += distance_rows(TASK, context, "behaviour", BEHAVIOURS, people.read[people.high], read, both, GOOD)
    rows += subgroup_rows(context, people, read, words, groups, places, heard, sound)
    names = [item_id("annomi", row["id"], turn) for row, turn in places]
    items = [
        Item(name, f"behaviour_{kind}_reading", float(value), group)
        for place, kind in enumerate(BEHAVIOURS)
        for name, value, group in zip(names, read[:, place], groups, strict=True)
    ]
    return TaskResult(
        rows,
        items,
        recommendations(compared, "helpers in good sessions", [name for name, well in sound.items() if not well]),
    )


def reader_rows(context: "Context", people: Readings) -> list[Row]:
    """How well behaviours are read at all, on sessions that were not fitted on."""
    return [
        validity_row(
            TASK, f"reader_{name}",
            validate_measure(
                people.read[:, place], people.labels[:, place], people.groups, np.log1p(people.words), "auc",
                "what practitioners saw in helpers' turns (AnnoMI)", context.resamples, context.seed,
            ), "AUC a turn, out of fold",
        )
        for place, name in enumerate(BEHAVIOURS)
    ]  # fmt: skip


def share_of(
    name: str, people: Readings, read: np.ndarray, words: np.ndarray, groups: np.ndarray, context: "Context",
    ours: np.ndarray | None = None, theirs: np.ndarray | None = None,
) -> Comparison:  # fmt: skip
    """
    One share of the model's turns against that of good sessions. People's is counted from labels; the model's is read
    and corrected by the reader's errors on AnnoMI's turns, weighted to be as long as the model's and drawn anew with
    each resample.

    Args:
        words: of each of the model's turns.
        ours, theirs: bool, which of people's turns and of the model's to compare; default: all of good sessions.
    """
    ours = people.high if ours is None else ours
    model = np.arange(len(read)) if theirs is None else np.flatnonzero(theirs)
    human_present, model_present = people.present(people.read), people.present(read)

    def corrected(kinds: Sequence[str], rows: np.ndarray, model_rows: np.ndarray) -> Measure:
        said, seen, true = (
            table[:, [BEHAVIOURS.index(kind) for kind in kinds]].any(1)
            for table in (model_present, human_present, people.labels)
        )
        weights = length_weights(people.words[rows], words[model_rows])
        return corrected_share(said[model_rows], seen[rows], true[rows], weights)

    def both(rows: np.ndarray, others: np.ndarray) -> tuple[Measure, Measure]:
        counted, his = SHARES[name](people.labels[rows[ours[rows]]]), model[others]
        if name in _DIRECT:
            return counted, corrected(_DIRECT[name], rows, his)
        over = ("complex_reflection",) if name == "complex_share" else _DIRECT["reflections"]
        under = _DIRECT["reflections"] if name == "complex_share" else _DIRECT["questions"]
        top, bottom = corrected(over, rows, his), corrected(under, rows, his)
        if not top.value or not bottom.value:
            return counted, undefined(top.reason or bottom.reason or "none was read, so there is no ratio")
        ratio = top.value / bottom.value
        return counted, Measure(min(1.0, ratio) if name == "complex_share" else float(np.log(ratio)))

    is_share = name != "reflections_per_question"
    found = compare(
        name, both, people.groups, groups[model], MARGINS[name], share=is_share, resamples=context.resamples,
        seed=context.seed,
    )  # fmt: skip
    return found._replace(n=(int(ours.sum()), len(model)))


def subgroup_rows(
    context: "Context",
    people: Readings,
    read: np.ndarray,
    words: np.ndarray,
    groups: np.ndarray,
    places: Sequence,
    heard: Sequence[str],
    sound: Mapping[str, bool],
) -> list[Row]:
    """Reflections, questions and advice where replies are enough: by topic, words for people, session quality."""
    topics = {session.id: topic_group(session.topic) for session in people.sessions}
    quality = {session.id: "high" if session.high else "low" for session in people.sessions}
    ids = [row["id"] for row, _ in places]
    own = np.array([topics[people.sessions[place].id] for place in people.session])
    parts: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for topic in sorted(set(topics.values())):
        parts[f"topic_{topic}"] = people.high & (own == topic), np.array([topics.get(id) == topic for id in ids])
    for kind in ("high", "low"):  # the place is in such a session; the yardstick stays good practice
        parts[f"session_{kind}"] = people.high, np.array([quality.get(id) == kind for id in ids])
    for name, at in by_named_groups(heard).items():
        chosen = np.zeros(len(ids), dtype=bool)
        chosen[at] = True
        parts[name] = people.high, chosen
    out = []
    for part, (ours, theirs) in parts.items():
        for name in ("reflections", "questions", "advice"):
            metric = f"behaviour_{name}/{part}"
            if theirs.sum() < LEAST_TURNS:
                reason = f"{int(theirs.sum())} replies in this subgroup, {LEAST_TURNS} needed"
                out.append(measured_row(TASK, metric, undefined(reason), int(theirs.sum())))
                continue
            found = share_of(name, people, read, words, groups, context, ours, theirs)
            out.append(comparison_row(TASK, metric, found, against=GOOD, validated=sound[name]))
    return out
