"""Where empathy stands and how it came there: dimensions of this version and of its checkpoints."""

from typing import TYPE_CHECKING

import numpy as np

from pixel.empathy.exchanges import levels_of
from pixel.empathy.mechanisms import MechanismReader
from pixel.empathy.profile import specificity_of
from pixel.empathy.progression import TASK, figure_points, points_of_results
from pixel.empathy.stages import stage_of_replies, usual_stage
from pixel.evaluation.items import Item
from pixel.evaluation.row import Row
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.evaluation.tasks.empathy_replies import (
    encoder_of,
    items_of,
    measured_row,
    peer_places,
    replied,
    short_places,
)  # fmt: skip
from pixel.evaluation.tasks.empathy_validation import PEERS, reader_validity
from pixel.evaluation.tasks.eq_progression import step_name
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import defined
from pixel.metrics.pearson import pearson
from pixel.models.labels import EMPATHY_STAGES, EPITOME_MECHANISMS

if TYPE_CHECKING:
    from pixel.evaluation.context import Context


class EmpathyProgression:
    """
    What a version sees (its read-outs against people's levels) and what it gives (levels, specificity and stage of its
    replies). Checkpoints are rows named `DIMENSION/step_N`; `pixel.empathy.progression` makes a figure of them.
    """

    name, group, needs = TASK, "empathy", ("data", "generation")
    about = "empathy seen and given by this version and its checkpoints, with jumps and falls"

    def run(self, context: "Context") -> TaskResult:
        peers = peer_places(context)
        if len(peers) < 10:
            raise TaskSkipped(f"{len(peers)} replies of EPITOME that were not fitted on, 10 needed")
        rows, items, notes = dimensions(context, peers)
        for folder in context.checkpoints:
            try:
                found = dimensions(context.of_checkpoint(folder), peers, f"/{step_name(folder)}")
            except (ValueError, OSError, TaskSkipped) as problem:
                notes.append(f"{folder.name} left out: {str(problem).splitlines()[0]}")
                continue
            rows, notes = rows + found[0], notes + found[2]
        points = figure_points(points_of_results([{"results": [row.as_dict() for row in rows]}]))
        told = [point for point in points if point["anomaly"]]
        notes += [f"{point['dimension']} jumps or falls at step {point['step']}" for point in told]
        return TaskResult(rows, items, notes)


def dimensions(context: "Context", peers: list, suffix: str = "") -> tuple[list[Row], list[Item], list[str]]:
    """Rows, items and notes of one version."""
    rows, items, notes = [], [], []
    options = {"resamples": context.resamples, "seed": context.seed}
    if "readouts" in context.model.abilities:
        levels, groups = levels_of(peers), [pair.group for pair in peers]
        records = context.readouts([{"messages": _said(pair)} for pair in peers])
        for place, name in enumerate(EPITOME_MECHANISMS):
            if name not in records[0][-1].get("empathy", {}):
                continue
            read = np.array([np.dot(record[-1]["empathy"][name], [0, 1, 2]) for record in records])
            rows.append(
                measured_row(
                    TASK, f"sees_{name}{suffix}", pearson(levels[:, place], read),
                    int((~np.isnan(levels[:, place])).sum()),
                    bootstrap_interval(
                        lambda at, read=read, own=levels[:, place]: pearson(own[at], read[at]),
                        len(read), groups, **options,
                    ),
                    majority=0.0, against="EPITOME levels", reference="pearson correlation of level and read-out",
                )
            )  # fmt: skip
    replies = replied(context, short_places(context, peers))
    if len(replies) < 2:
        return rows, items, [*notes, "the model said nothing"]
    encoder = encoder_of(context)
    reader = MechanismReader(encoder=encoder)
    level, theirs = reader.read(replies), reader.read(peers)
    own, others = specificity_of(replies, encoder, peers), specificity_of(peers, encoder)
    line = float(np.quantile(others, 0.25))
    stage = stage_of_replies(reader.present(level), own >= line)
    people = stage_of_replies(reader.present(theirs), others >= line)
    sound = {f"gives_{name}": one.validated for name, one in reader_validity(context, peers, theirs).items()}
    given = {f"gives_{name}": (level[:, place], theirs[:, place]) for place, name in enumerate(EPITOME_MECHANISMS)}
    given |= {"gives_specificity": (own, others), "stage": (stage.astype(float), people.astype(float))}
    groups = [pair.group for pair in replies]
    for name, (values, human) in given.items():
        interval = bootstrap_interval(
            lambda at, values=values: defined(values[at].mean()), len(values), groups, **options
        )
        rows.append(
            measured_row(
                TASK, name + suffix, defined(values.mean()), len(values), interval, baseline=float(human.mean()),
                reference=f"mean; baseline: the same of peers (n {len(human)})", validated=sound.get(name, False),
                against=PEERS,
            )
        )  # fmt: skip
        items += items_of(name, replies, values) if not suffix else []
    usual = [usual_stage(part) for part in (stage, people)]
    notes.append(
        f"stage{suffix}: half of the replies reach {usual[0]}, of peers' {usual[1]} (of {', '.join(EMPATHY_STAGES)})"
    )
    return rows, items, notes


def _said(pair) -> list[dict[str, str]]:
    return [{"role": "user", "content": pair.message}, {"role": "assistant", "content": pair.reply}]
