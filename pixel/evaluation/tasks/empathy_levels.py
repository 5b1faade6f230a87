"""How many of the model's replies carry each of EPITOME's mechanisms, beside peers' replies."""

from typing import TYPE_CHECKING

import numpy as np

from pixel.empathy.comparison import Comparison, compare
from pixel.empathy.corrected_share import corrected_share, length_weights
from pixel.empathy.exchanges import levels_of, word_counts
from pixel.empathy.mechanisms import MechanismReader
from pixel.empathy.recommendations import recommendations
from pixel.empathy.subgroups import LEAST_TURNS, by_named_groups
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.evaluation.tasks.empathy_replies import (
    CALIBRATION as TASK,
)
from pixel.evaluation.tasks.empathy_replies import (
    comparison_row,
    distance_rows,
    encoder_of,
    items_of,
    measured_row,
    peer_places,
    replied,
    short_places,
)  # fmt: skip
from pixel.evaluation.tasks.empathy_validation import reader_validity
from pixel.metrics.measure import Measure, undefined
from pixel.models.labels import EPITOME_MECHANISMS

if TYPE_CHECKING:
    from pixel.evaluation.context import Context

MARGIN = 0.10
"""Ten replies in a hundred more or less do not matter; set beforehand."""
AGAINST = "EPITOME, share of peers' replies at level 1 or 2"


def levels(context: "Context") -> TaskResult:
    """Shares with intervals, by words for people in the post, distances of the readings, recommendations."""
    reader, peers = MechanismReader(encoder=encoder_of(context)), peer_places(context)
    replies = replied(context, short_places(context, peers))
    if len(peers) < LEAST_TURNS or len(replies) < LEAST_TURNS:
        raise TaskSkipped(f"{len(peers)} replies of peers and {len(replies)} of the model, {LEAST_TURNS} needed")
    given, own, said = levels_of(peers), reader.read(peers), reader.read(replies)
    present, read = reader.present(own), reader.present(said)
    words = [word_counts(pair.reply for pair in pairs) for pairs in (peers, replies)]
    everybody = np.array([pair.group for pair in peers]), np.array([pair.group for pair in replies])

    def share(place: int, ours: np.ndarray, theirs: np.ndarray) -> Comparison:
        # the reader's errors are taken from all labelled peers: those of a subgroup are too few
        known, counts = np.flatnonzero(~np.isnan(given[:, place])), np.isin(np.arange(len(peers)), ours)
        label = given[:, place] >= 1

        def both(rows: np.ndarray, others: np.ndarray) -> tuple[Measure, Measure]:
            rows = known[rows]
            mine = rows[counts[rows]]
            weights = length_weights(words[0][rows], words[1][theirs[others]])
            people = Measure(float(label[mine].mean())) if len(mine) else undefined("no reply of the subgroup")
            return people, corrected_share(read[theirs[others], place], present[rows, place], label[rows], weights)

        groups = everybody[0][known], everybody[1][theirs]
        name = EPITOME_MECHANISMS[place]
        found = compare(name, both, *groups, MARGIN, share=True, resamples=context.resamples, seed=context.seed)
        return found._replace(n=(int(counts[known].sum()), len(theirs)))

    every = np.arange(len(peers)), np.arange(len(replies))
    compared = [share(place, *every) for place in range(len(EPITOME_MECHANISMS))]
    sound = reader_validity(context, peers, own)
    rows = [
        comparison_row(TASK, f"level_{found.name}", found, against=AGAINST, validated=sound[found.name].validated)
        for found in compared
    ]
    parts = [by_named_groups([pair.message for pair in pairs]) for pairs in (peers, replies)]
    nobody = np.empty(0, dtype=int)
    for part in sorted({*parts[0], *parts[1]}):
        ours, theirs = parts[0].get(part, nobody), parts[1].get(part, nobody)
        for place, name in enumerate(EPITOME_MECHANISMS):
            metric = f"level_{name}/{part}"
            if min(len(ours), len(theirs)) < LEAST_TURNS:
                reason = f"{len(ours)} replies of peers and {len(theirs)} of the model, {LEAST_TURNS} needed"
                rows.append(measured_row(TASK, metric, undefined(reason), len(theirs)))
            else:
                known = {"against": AGAINST, "validated": sound[name].validated}
                rows.append(comparison_row(TASK, metric, share(place, ours, theirs), **known))
    rows += distance_rows(TASK, context, "level", EPITOME_MECHANISMS, own, said, everybody, "EPITOME")
    items = [
        one
        for place, name in enumerate(EPITOME_MECHANISMS)
        for one in items_of(f"level_{name}_reading", replies, said[:, place])
    ]
    return TaskResult(
        rows, items, recommendations(compared, "peers", [name for name, one in sound.items() if not one.validated])
    )
