"""Profiles of replies against what people said of whole sessions, and against how much better people felt."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pixel.empathy.exchanges import Exchange, exchanges, lengths_of, levels_of, word_counts
from pixel.empathy.human_baselines import distress_changes
from pixel.empathy.human_range import human_range
from pixel.empathy.likeness import fit_likeness, likeness_out_of_fold
from pixel.empathy.profile import specificity_of
from pixel.evaluation.row import Row
from pixel.evaluation.task import TaskSkipped
from pixel.evaluation.tasks.empathy_replies import every_row, validity_row
from pixel.evaluation.validity import validate_measure
from pixel.models.labels import EPITOME_MECHANISMS
from pixel.text.sentence_encoder import RememberingEncoder

if TYPE_CHECKING:
    from pixel.empathy.annomi_readings import Readings
    from pixel.evaluation.context import Context
    from pixel.evaluation.validity import Validity

PEERS = "levels that people gave peers' replies (EPITOME), posts nobody fitted on"
SESSIONS = "sessions shown as good practice or as a warning (AnnoMI), readers and profiles not fitted on them"
SEEKERS = "by how much seekers' own rating of distress fell (ESConv)"


def reader_validity(context: "Context", peers: Sequence[Exchange], read: np.ndarray) -> dict[str, "Validity"]:
    """Mechanism -> how well the reader's levels `[peers, 3]` agree with people's."""
    levels, groups, lengths = levels_of(peers), [pair.group for pair in peers], lengths_of(peers)
    return {
        name: validate_measure(
            read[:, place], levels[:, place], groups, lengths, "pearson", PEERS, context.resamples, context.seed
        )
        for place, name in enumerate(EPITOME_MECHANISMS)
    }


@lru_cache(maxsize=1)
def readings_of(data_root: Path | None, seed: int, encoder: RememberingEncoder) -> "Readings":
    """AnnoMI read out of fold; once a run, the two tasks that need it share it."""
    from pixel.clinical.appropriateness.annomi_sessions import read_sessions
    from pixel.clinical.appropriateness.behaviour_fit import Turns
    from pixel.empathy.annomi_readings import read_unseen

    if data_root is None:
        raise TaskSkipped("AnnoMI is read from its own file. Mend: give --data_root")
    try:
        sessions = read_sessions(data_root)
    except FileNotFoundError as error:
        raise TaskSkipped(str(error)) from None
    return read_unseen(Turns(sessions, encoder), seed)


def of_sessions(task: str, context: "Context", encoder: RememberingEncoder) -> list[Row]:
    """Session profiles (mean behaviours) against their makers' word on quality."""
    try:
        found = readings_of(context.data_root, context.seed, encoder)
    except TaskSkipped:
        return []
    places = np.unique(found.session)
    profile = np.stack([found.read[found.session == place].mean(0) for place in places])
    good = np.array([found.sessions[place].high for place in places])
    folds = found.folds[places]
    near = np.full(len(places), np.nan)
    for fold in np.unique(folds):
        inside = (folds != fold) & good
        near[folds == fold] = -human_range(profile[inside], context.seed).distance(profile[folds == fold])
    words = np.array([found.words[found.session == place].mean() for place in places])
    videos = [found.sessions[place].video for place in places]
    scores = {
        "profile_likeness": (likeness_out_of_fold(profile, good, folds), "AUC of nearer to good practice than to bad"),
        "profile_distance": (near, "AUC of nearness to good practice alone (Mahalanobis)"),
    }
    return [
        validity_row(
            task, f"validity_{name}",
            validate_measure(score, good, videos, words, "auc", SESSIONS, context.resamples, context.seed), words_,
        )
        for name, (score, words_) in scores.items()
    ]  # fmt: skip


def of_dialogues(task: str, context: "Context", encoder: RememberingEncoder, reader) -> list[Row]:
    """Dialogue means of the same measures against the change of distress; none of them was fitted on ESConv."""
    try:
        dialogues = context.sample(every_row(context, "esconv"))
        readings = readings_of(context.data_root, context.seed, encoder)
    except TaskSkipped:
        return []
    per = [exchanges([row]) for row in dialogues]
    kept = [place for place, pairs in enumerate(per) if pairs]
    if len(kept) < 2:
        return []
    dialogues, per = [dialogues[place] for place in kept], [per[place] for place in kept]
    flat = [pair for pairs in per for pair in pairs]
    ends = np.cumsum([len(pairs) for pairs in per])[:-1]

    def means(values: np.ndarray) -> np.ndarray:
        return np.array([part.mean(0) for part in np.split(values, ends)])

    from pixel.clinical.appropriateness.behaviours import BehaviourReader

    behaviours = BehaviourReader(encoder=encoder)
    acts = np.array([one.behaviours.mean(0) for one in behaviours.read([row["messages"] for row in dialogues])])
    good = np.array([readings.sessions[place].high for place in np.unique(readings.session)])
    known = np.stack([readings.read[readings.session == place].mean(0) for place in np.unique(readings.session)])
    scores = {
        "reader_total": means(reader.read(flat)).sum(1),
        "specificity": means(specificity_of(flat, encoder)),
        "profile_likeness": fit_likeness(known, good)(acts),
    }
    words, change = means(word_counts(pair.reply for pair in flat)), distress_changes(dialogues)
    return [
        validity_row(
            task, f"validity_{name}_distress",
            validate_measure(score, change, None, words, "spearman", SEEKERS, context.resamples, context.seed),
            "spearman correlation",
        )
        for name, score in scores.items()
    ]  # fmt: skip
