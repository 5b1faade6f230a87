"""Genuine or simulated: replies held against how people reply, every measure scored against people first."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pixel.data.contrast import STOCK_REPLIES
from pixel.empathy.comparison import compare
from pixel.empathy.energy import energy_distance
from pixel.empathy.exchanges import Exchange, lengths_of, levels_of, word_counts
from pixel.empathy.human_range import LEAST, human_range
from pixel.empathy.mechanisms import MechanismReader
from pixel.empathy.partners import length_matched
from pixel.empathy.profile import profiles, specificity_of
from pixel.evaluation.items import Item
from pixel.evaluation.row import Row
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.evaluation.tasks.empathy_replies import (
    MAX_NEW_TOKENS,
    comparison_row,
    encoder_of,
    items_of,
    measured_row,
    peer_places,
    replied,
    short_places,
    validity_row,
)  # fmt: skip
from pixel.evaluation.tasks.empathy_validation import PEERS, SESSIONS, of_dialogues, of_sessions, reader_validity
from pixel.evaluation.validity import validate_measure
from pixel.metrics.auc import auc
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import Measure, defined, undefined
from pixel.models.labels import EPITOME_MECHANISMS

if TYPE_CHECKING:
    from pixel.evaluation.context import Context

TASK = "empathy_genuine"
TRUTH = "known truth, not a label: the reply people wrote to this message against "


class EmpathyGenuine:
    """
    The measures against human labels and known truths, then the model's replies by the same measures.

    A measure that people's labels do not bear out stays in the report and says so.
    """

    name, group, needs = TASK, "empathy", ("data", "generation")
    about = "genuine or simulated empathy: specificity and profiles of replies beside people's, measures validated"

    def run(self, context: "Context") -> TaskResult:
        encoder = encoder_of(context)
        reader = MechanismReader(encoder=encoder)
        peers = peer_places(context)
        if len(peers) < LEAST:
            raise TaskSkipped(f"{len(peers)} replies of EPITOME that were not fitted on, {LEAST} needed")
        rows = against_levels(context, peers, reader, encoder)
        rows += contrast_rows(context, peers, encoder)
        if "readouts" in context.model.abilities:
            rows += readout_rows(context, peers)
        rows += of_sessions(TASK, context, encoder) + of_dialogues(TASK, context, encoder, reader)
        sound = {row.metric: row.validated for row in rows}
        notes = [f"replies are cut at {MAX_NEW_TOKENS} tokens; people's are not"]
        notes += [
            f"{metric} left out: no AnnoMI or ESConv to hold it against. Mend: give --data_root with both"
            for metric in ("validity_profile_distance", "validity_profile_likeness_distress")
            if metric not in sound
        ]
        found, items = reply_rows(context, peers, reader, encoder, sound)
        return TaskResult(rows + found, items, notes)


def against_levels(context: "Context", peers: Sequence[Exchange], reader, encoder) -> list[Row]:
    """The reader of mechanisms and specificity, against the levels people gave."""
    read, levels = reader.read(peers), levels_of(peers)
    found = reader_validity(context, peers, read)
    out = [validity_row(TASK, f"validity_reader_{name}", one, "pearson correlation") for name, one in found.items()]
    for name, score in (("reader_total", read.sum(1)), ("specificity", specificity_of(peers, encoder))):
        found = validate_measure(
            score, levels.sum(1), [pair.group for pair in peers], lengths_of(peers), "spearman", PEERS,
            context.resamples, context.seed,
        )  # fmt: skip
        out.append(validity_row(TASK, f"validity_{name}", found, "spearman correlation with the sum of levels"))
    return out


def contrast_rows(context: "Context", pairs: Sequence[Exchange], encoder, name: str = "people") -> list[Row]:
    """Own reply against a borrowed one of like length, and against a stock phrase."""
    partner = length_matched(word_counts(pair.reply for pair in pairs), [p.group for p in pairs], context.seed)
    borrowed = [pair._replace(reply=pairs[other].reply) for pair, other in zip(pairs, partner, strict=True)]
    draw = np.random.default_rng(context.seed)
    stock = [pair._replace(reply=STOCK_REPLIES[draw.integers(len(STOCK_REPLIES))]) for pair in pairs]
    own, out = specificity_of(pairs, encoder), []
    for kind, others, words in (
        ("borrowed", borrowed, "another's of like length"), ("stock", stock, "a stock phrase of sympathy"),
    ):  # fmt: skip
        both = [*pairs, *others]
        human = np.repeat([1, 0], len(pairs))
        found = validate_measure(
            np.concatenate([own, specificity_of(others, encoder, pairs)]), human, [pair.group for pair in both],
            word_counts(pair.reply for pair in both), "auc", TRUTH + words, context.resamples, context.seed,
        )  # fmt: skip
        shared = auc(human, [shared_words(pair) for pair in both])
        row = validity_row(TASK, f"contrast_{kind}_{name}", found)
        out.append(replace(row, baseline=shared.value, reference="AUC; baseline: words in common"))
    return out


def readout_rows(context: "Context", peers: Sequence[Exchange]) -> list[Row]:
    """The model's own read-outs of the same replies."""
    partner = length_matched(word_counts(pair.reply for pair in peers), [p.group for p in peers], context.seed)
    borrowed = [pair._replace(reply=peers[other].reply) for pair, other in zip(peers, partner, strict=True)]
    both = [*peers, *borrowed]
    read = [record[-1].get("empathy", {}) for record in context.readouts([_talk(pair) for pair in both])]
    levels, groups, words = levels_of(peers), [p.group for p in both], lengths_of(both)
    options = {"resamples": context.resamples, "seed": context.seed}
    half, out = len(peers), []
    for place, name in enumerate(EPITOME_MECHANISMS):
        if name in read[0]:
            score = [float(np.dot(one[name], [0, 1, 2])) for one in read[:half]]
            found = validate_measure(score, levels[:, place], groups[:half], words[:half], "pearson", PEERS, **options)
            out.append(validity_row(TASK, f"validity_readout_{name}", found, "pearson correlation, expected level"))
    if "genuine" in read[0]:
        said = np.array([one["genuine"] for one in read])
        found = validate_measure(said[:half], levels.sum(1), groups[:half], words[:half], "spearman", PEERS, **options)
        out.append(
            validity_row(TASK, "validity_readout_genuine", found, "spearman correlation with the sum of levels")
        )
        truth = np.repeat([1, 0], half)
        found = validate_measure(said, truth, groups, words, "auc", TRUTH + "another's of like length", **options)
        out.append(validity_row(TASK, "contrast_borrowed_readout_genuine", found, "AUC"))
    return out


def reply_rows(
    context: "Context", peers: Sequence[Exchange], reader, encoder, sound: Mapping[str, bool | None]
) -> tuple[list[Row], list[Item]]:
    """The model's replies to some of the posts, beside the peers'; `sound`: metric -> whether it is validated."""
    replies = replied(context, short_places(context, peers))
    if len(replies) < 2:
        return [measured_row(TASK, "specificity", undefined("the model said nothing"), len(replies))], []
    people, model = (profiles(pairs, encoder, reader, others=peers) for pairs in (peers, replies))
    own = people[:, 3], model[:, 3]

    def means(ours: np.ndarray, theirs: np.ndarray) -> tuple[Measure, Measure]:
        return defined(own[0][ours].mean()), defined(own[1][theirs].mean())

    options = {"resamples": context.resamples, "seed": context.seed}
    groups = [p.group for p in peers], [p.group for p in replies]
    specific = compare("specificity", means, *groups, margin=0.5 * float(own[0].std()), **options)
    rows = [
        comparison_row(TASK, "specificity_gap", specific, validated=sound.get("validity_specificity"), against=PEERS)
    ]
    for row in contrast_rows(context, replies, encoder, "model"):
        # how well the model does says nothing of the measure: that is what people's labels say of specificity
        flags = {"validated": sound.get("validity_specificity"), "against": PEERS}
        rows.append(replace(row, **flags, reason=row.reason if row.value is None else None))
    near = bool(sound.get("validity_profile_distance"))  # where it could not be held against people: no
    energy = energy_distance(people, model, seed=context.seed)
    rows.append(
        Row(
            TASK, "profile_energy_distance", energy.value, "empathy", n=len(replies), baseline=energy.chance,
            higher_is_better=False, validated=near, against=SESSIONS,
            reference=f"baseline: the same profiles dealt at random; p {energy.p:.3f}; people n {len(peers)}",
        )
    )  # fmt: skip
    fitted = human_range(people, context.seed)
    inside = fitted.inside(model).astype(float)
    rows.append(
        measured_row(
            TASK, "inside_human_range", defined(inside.mean()), len(inside),
            bootstrap_interval(lambda at: defined(inside[at].mean()), len(inside), groups[1], **options),
            baseline=float(fitted.inside(people).mean()), validated=near, against=SESSIONS,
            reference="share within the Mahalanobis distance that 95% of people keep; baseline: people (they set it)",
        )
    )  # fmt: skip
    return rows, [
        *items_of("specificity_reading", replies, own[1]),
        *items_of("inside_human_range", replies, inside),
    ]


def shared_words(pair: Exchange) -> float:
    """Share of the reply's different words that the message has too: the ten-minute baseline of specificity."""
    said, heard = ({word.strip(".,!?\"'").lower() for word in text.split()} for text in (pair.reply, pair.message))
    return len(said & heard) / max(1, len(said))


def _talk(pair: Exchange) -> dict:
    return {"messages": [{"role": "user", "content": pair.message}, {"role": "assistant", "content": pair.reply}]}
