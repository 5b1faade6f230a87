"""Whole sessions against people: quality of AnnoMI's, distress and helpfulness as ESConv's seekers rated them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel.clinical.appropriateness.annomi_sessions import Session
from pixel.clinical.appropriateness.behaviour_fit import FOLDS, Turns
from pixel.clinical.appropriateness.behaviours import TALK, read_out
from pixel.clinical.appropriateness.quality import fit_quality, quality
from pixel.evaluation.conversation.coherence import CoherenceReader
from pixel.evaluation.conversation.distress import change_share, parts, rated_relief, ratings
from pixel.evaluation.conversation.exchanges import exchanges, words
from pixel.evaluation.conversation.flow import flow
from pixel.evaluation.conversation.phases import PhaseReader
from pixel.evaluation.conversation.studies import Study, fold_of
from pixel.evaluation.validity import validate_measure

Rows = Sequence[Mapping[str, Any]]


def quality_study(sessions: Sequence[Session], encoder, seed: int = 0) -> list[Study]:
    """
    Sessions shown as good practice against those shown as a warning: likeness to good practice, and the share of
    change talk, each read by a reader that has not seen the session's video.
    """
    turns = Turns(sessions, encoder)
    fold, high = turns.folds(seed), turns.high
    worth, share, human = (np.full(len(sessions), np.nan) for _ in range(3))
    for number in range(FOLDS):
        inside = fold != number
        inner = turns.left_out(inside, seed + 100)
        mean, spread = np.nanmean(inner[inside], 0), np.nanstd(inner[inside], 0)
        coefficients = fit_quality(inner[inside], high[inside], mean, spread)
        tensors = turns.fit(inside)
        for row, found in turns.table(tensors, ~inside).items():
            worth[row] = quality(found, mean, spread, coefficients)
        for row in np.flatnonzero(~inside):
            read = read_out(tensors, turns.helper[row], turns.client[row], turns.sides[row])
            share[row] = _or_nan(change_share(read.talk))
            human[row] = _or_nan(change_share(np.array(sessions[row].talk, dtype=float).reshape(-1, len(TALK))))
    groups = [session.video for session in sessions]
    length = [sum(words(m["content"]) for m in session.messages) for session in sessions]
    shown = "AnnoMI: sessions shown as good practice against warnings"
    rated = "AnnoMI: share of change talk by annotators"
    return [
        Study("practice", "AnnoMI, high against low", True,
              validate_measure(worth, high, groups, length, "auc", shown)),
        Study("change_talk", "AnnoMI, annotators' share", True,
              validate_measure(share, human, groups, length, "spearman", rated)),
        Study("change_talk", "AnnoMI, high against low", False,
              validate_measure(share, high, groups, length, "auc", shown)),
    ]  # fmt: skip


def flow_study(sessions: Sequence[Session], reader: PhaseReader) -> list[Study]:
    """Flow of AnnoMI's sessions against their quality; the phases were learned from ESConv."""
    found = [flow(read) for read in reader.read([session.messages for session in sessions])]
    groups, high = [s.video for s in sessions], [s.high for s in sessions]
    length = [sum(words(m["content"]) for m in s.messages) for s in sessions]
    out = []
    for name in ("coverage", "order", "listened"):
        scores = [np.nan if one is None else _or_nan(getattr(one, name)) for one in found]
        against = "AnnoMI: sessions shown as good practice against warnings"
        validity = validate_measure(scores, high, groups, length, "auc", against)
        out.append(Study(f"flow_{name}", "AnnoMI, high against low", True, validity))
    return out


def relief_study(rows: Rows, encoder, seed: int = 0) -> list[Study]:
    """
    Distress read in what seekers say early and late, against their own ratings before and after: by conversation, how
    far it fell (decides), and over both moments together, how high it is. Ridge regression, dialogues out of fold.
    """
    from sklearn.linear_model import Ridge

    some = [row for row in rows if rated_relief(row) is not None and parts(row["messages"])]
    texts = [_early_and_late(row["messages"]) for row in some]
    x = np.asarray(encoder.encode([text for pair in texts for text in pair]), dtype=float)
    x = x.reshape(len(some), 2, -1)  # [rows, early and late, size]
    rated = np.array([ratings(row, "distress") for row in some])[:, [0, -1]]
    groups = np.array([row["group"] for row in some])
    fold, read = fold_of(groups, seed=seed), np.zeros_like(rated)
    for number in range(5):
        model = Ridge(alpha=3.0).fit(x[fold != number].reshape(-1, x.shape[2]), rated[fold != number].ravel())
        read[fold == number] = model.predict(x[fold == number].reshape(-1, x.shape[2])).reshape(-1, 2)
    whole = [sum(words(m["content"]) for m in row["messages"]) for row in some]
    both = [words(text) for pair in texts for text in pair]
    fell, level = "ESConv: seekers' own rating before less after", "ESConv: seekers' own ratings, before and after"
    return [
        Study("relief", "ESConv, rated change", True,
              validate_measure(read[:, 0] - read[:, 1], rated[:, 0] - rated[:, 1], groups, whole, "spearman", fell)),
        Study("relief", "ESConv, rated level", False,
              validate_measure(read.ravel(), rated.ravel(), np.repeat(groups, 2), both, "spearman", level)),
    ]  # fmt: skip


def helpfulness_study(rows: Rows, encoder) -> list[Study]:
    """Replies against the helpfulness that seekers gave them (1 to 5): coherence, and a regression on words."""
    from sklearn.linear_model import Ridge

    rated = {}
    for row in rows:
        for place, value in enumerate(row.get("eq_total") or []):
            if value is not None:
                rated[f"{row['source']}:{row['id']}#{place}"] = float(np.ravel(value)[0])
    given = [one for one in exchanges(rows) if one.id in rated]
    human, groups = np.array([rated[one.id] for one in given]), np.array([one.group for one in given])
    length = [words(one.reply) for one in given]
    x = np.hstack([encoder.encode([one.reply for one in given]), encoder.encode([one.before[-1] for one in given])])
    fold, read = fold_of(groups), np.zeros(len(given))
    for number in range(5):
        read[fold == number] = (
            Ridge(alpha=10.0).fit(x[fold != number], human[fold != number]).predict(x[fold == number])
        )
    against = "ESConv: seekers' rating of each reply, 1 to 5"
    fits = CoherenceReader(encoder).score(given)
    return [
        Study("helpfulness", "ESConv, rated replies", True,
              validate_measure(read, human, groups, length, "spearman", against)),
        Study("coherence", "ESConv, rated helpfulness", False,
              validate_measure(fits, human, groups, length, "spearman", against)),
    ]  # fmt: skip


def _early_and_late(messages: Sequence[Mapping[str, str]]) -> list[str]:
    return [" ".join(messages[place]["content"] for place in part) for part in parts(messages)]


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value
