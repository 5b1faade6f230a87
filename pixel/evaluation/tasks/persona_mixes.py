"""The persona heads on real talk with known switches: people with a helper, then television, or the reverse."""

from typing import TYPE_CHECKING

import numpy as np

from pixel.evaluation.row import Row
from pixel.evaluation.task import TaskSkipped
from pixel.evaluation.tasks.persona_tracks import read_tracks, score_row
from pixel.metrics.auc import auc
from pixel.persona.mixes import Mix, make_mixes
from pixel.persona.scores import MEASURES, Followed, scores
from pixel.persona.tracks import steady

if TYPE_CHECKING:
    from pixel.evaluation.context import Context

THERAPY, OTHER = ("annomi", "esconv"), ("meld", "emorynlp")
MIXED = "the corpus a turn comes from; nobody labelled the mode it needs"
MEASURED = ("therapy_auc", "detection_accuracy", "switch_recall", "switch_precision", "false_switches_per_100")
MAJORITY = {"therapy_auc": 0.5, "detection_accuracy": 0.5, "switch_recall": 0.0}
NOTE = (
    "television talk asks for no task and is often upset: a weak stand-in for what needs an assistant; style and "
    "length tell the corpora apart. Low figures: the head does not carry over; high ones would not prove it right"
)


def mix_rows(task: str, context: "Context") -> list[Row]:
    """Real talk: a passage with a helper and one of television dialogue, joined in either order."""
    mixes = real_mixes(context)
    if len(mixes) < 2:
        raise TaskSkipped("no passages to mix")
    tracks = read_tracks(context, [one.messages for one in mixes])
    few = [
        Followed(one.id, one.needed, steady(track.modes, track.switch, track.risk), track.modes)
        for one, track in zip(mixes, tracks, strict=True)
    ]
    words = np.array([len(m["content"].split()) for one in mixes for m in one.messages if m["role"] == "user"])
    truth = np.array([mode == "therapy" for one in mixes for mode in one.needed])
    length = auc(truth, words.astype(float)).value
    return [
        score_row(task, f"mixes/{name}", score, MEASURES[name][1], MIXED, majority=MAJORITY.get(name), reference=NOTE,
             length=max(length, 1 - length) if name == "therapy_auc" and length is not None else None)
        for name, score in scores(few, MEASURED, context.resamples, context.seed).items()
    ]  # fmt: skip


def real_mixes(context: "Context", count: int = 100) -> list[Mix]:
    """Mixes of what the context has of the corpora, never kept."""
    sides = []
    for names in (THERAPY, OTHER):
        side = {}
        for name in names:
            try:
                side[name] = context.corpus(name)
            except TaskSkipped:
                continue
        if not side:
            raise TaskSkipped(f"none of {', '.join(names)} is there. Mend: give --data_root")
        sides.append(side)
    return make_mixes(*sides, count=min(count, context.limit or count), seed=context.seed)
