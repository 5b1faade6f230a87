"""Naturalness of dialogues: people's against the same with turns in any order, and with somebody else's answers."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixel.metrics.auc import auc
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.voice.personality.consistency.naturalness import (
    MARKS,
    Encode,
    Naturalness,
    Told,
    dialogue_marks,
    fit_naturalness,
    fit_openings,
)

FOLDS = 5
TURNS = 10
"""Turns of a stretch of an AnnoMI session."""
LEAST = 4
SEEN = 5
"""Turns that begin with a word before it is counted."""
Messages = list[Mapping[str, str]]
Rows = Iterable[Mapping[str, Any]]


def dialogues_of(
    data_root: str | Path, chats: Rows, most: int = 200, seed: int = 0
) -> dict[str, list[tuple[str, Messages]]]:
    """
    Corpus -> group and messages: EmpatheticDialogues of four turns or more, and stretches of ten turns of AnnoMI.

    Args:
        data_root: folder with `annomi/`.
        chats: rows of EmpatheticDialogues (`datasets_scripts.empatheticdialogues.rows`).
        most: dialogues of a corpus.
        seed: of the draw.

    Raises:
        FileNotFoundError: one of the corpora is not there.
    """
    from pixel.clinical.appropriateness.annomi_sessions import read_sessions

    generator = np.random.default_rng(seed)
    talks = [(row["group"], list(row["messages"])) for row in chats if len(row["messages"]) >= LEAST]
    stretches = [
        (one.video, list(one.messages[start : start + TURNS]))
        for one in read_sessions(data_root)
        for start in range(0, len(one.messages) - TURNS + 1, TURNS)
    ]
    out = {}
    for name, found in (("EmpatheticDialogues", talks), ("AnnoMI", stretches)):
        drawn = generator.permutation(len(found))[:most]
        out[name] = [found[place] for place in sorted(drawn.tolist())]
    return out


def shuffled(messages: Messages, generator: np.random.Generator) -> Messages:
    """The same turns in another order, each speaker's among their own places, none of three or more in its place."""
    out = list(messages)
    for role in {one["role"] for one in messages}:
        places = [place for place, one in enumerate(messages) if one["role"] == role]
        moved = np.roll(generator.permutation(places), 1).tolist()
        for _ in range(20):
            if all(a != b for a, b in zip(places, moved, strict=True)) or len(places) < 2:
                break
            moved = generator.permutation(places).tolist()
        for place, source in zip(places, moved, strict=True):
            out[place] = messages[source]
    return out


def paired(given: Sequence[tuple[str, Messages]], generator: np.random.Generator) -> list[Messages]:
    """
    Each dialogue's first speaker, answered by the other speaker of a dialogue of another group, turn by turn.

    The answers may be of a group that the reader was fitted on, in their own dialogue.
    """
    out = []
    for group, messages in given:
        others = [one for name, one in given if name != group and len(one) >= len(messages)] or [
            one for name, one in given if name != group
        ]
        other = others[int(generator.integers(len(others)))]
        first = messages[0]["role"]
        answers = [one for one in other if one["role"] != other[0]["role"]]
        made, number = [], 0
        for one in messages:
            if one["role"] == first:
                made.append(one)
            else:
                made.append({"role": one["role"], "content": answers[number % len(answers)]["content"]})
                number += 1
        out.append(made)
    return out


def naturalness(
    data_root: str | Path,
    chats: Rows,
    encode: Encode | None = None,
    told: Told | None = None,
    most: int = 200,
    seed: int = 0,
) -> tuple[list[dict[str, Any]], Naturalness]:
    """
    AUC of people's dialogues against rearranged ones, read by what was fitted on other groups (both corpora).

    Args:
        data_root, chats: see `dialogues_of`.
        encode, told: see `dialogue_marks`.
        most: dialogues of a corpus.
        seed: of draws and folds.

    Returns:
        rows, and the reference fitted on all.
    """
    generator, corpora = np.random.default_rng(seed), dialogues_of(data_root, chats, most, seed)
    group = [f"{name} {one}" for name, given in corpora.items() for one, _ in given]
    corpus = np.array([name for name, given in corpora.items() for _ in given])
    names, member = np.unique(group, return_inverse=True)
    fold = (generator.permutation(len(names)) % FOLDS)[member]
    versions: dict[str, list[Messages]] = {
        "people's": [said for given in corpora.values() for _, said in given],
        "turns in any order": [shuffled(said, generator) for given in corpora.values() for _, said in given],
        "somebody else's answers": [said for given in corpora.values() for said in paired(given, generator)],
    }
    own, *others = versions
    fixed = {name: [dialogue_marks(one, {}, encode, told) for one in given] for name, given in versions.items()}

    def marks(openings: Mapping[str, float], name: str) -> list[dict[str, float | None]]:
        fresh = (dialogue_marks(one, openings)["openings"] for one in versions[name])
        return [row | {"openings": value} for row, value in zip(fixed[name], fresh, strict=True)]

    def fit(inside: np.ndarray) -> Naturalness:
        people = [said for said, use in zip(versions[own], inside, strict=True) if use]
        openings = fit_openings(people, least=SEEN)
        picked = {
            name: [row for row, use in zip(marks(openings, name), inside, strict=True) if use] for name in versions
        }
        return fit_naturalness(picked[own], [row for name in others for row in picked[name]], openings, people)

    scores = {(kind, name): np.full(len(group), np.nan) for kind in (*MARKS, "all") for name in versions}
    for number in range(FOLDS):
        reader = fit(fold != number)
        for name in versions:
            table = marks(reader.openings, name)
            for place in np.flatnonzero(fold == number):
                for kind in MARKS:
                    value = table[place][kind]
                    scores[kind, name][place] = np.nan if value is None else value
                scores["all", name][place] = _natural(reader, table[place])
    rows = []
    for kind in (*MARKS, "all"):
        for contrast in others:
            for part in corpora:
                here = (corpus == part) & ~np.isnan(scores[kind, own]) & ~np.isnan(scores[kind, contrast])
                if not here.any():
                    continue
                x = np.r_[scores[kind, own][here], scores[kind, contrast][here]]
                y, who = np.repeat([True, False], here.sum()), np.tile(np.array(group)[here], 2)
                low, high = bootstrap_interval(lambda i, x=x, y=y: auc(y[i], x[i]), len(x), who) or (None, None)
                row = {"mark": kind, "against": contrast, "corpus": part, "AUC": auc(y, x).value}
                rows.append(row | {"low": low, "high": high, "n": int(here.sum())})
    return rows, fit(np.ones(len(group), bool))


def _natural(reader: Naturalness, row: Mapping[str, float | None]) -> float:
    known = [name for name in MARKS if row[name] is not None]
    weights = reader.weights[" ".join(known)]
    return sum(weights[name] * (row[name] - reader.mean[name]) / reader.spread[name] for name in known)
