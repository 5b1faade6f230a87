"""Fingerprints on other talk: AnnoMI's therapists and MELD's scripted characters."""

import csv
from collections.abc import Callable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from pixel.benchmarks.voice.fingerprints import scores
from pixel.voice.personality.fingerprint.ami import Pairs, cut
from pixel.voice.personality.fingerprint.fingerprint import Fingerprint

PIECES = 10


def annomi_sessions(data_root: str | Path) -> dict[str, dict[str, str]]:
    """Session -> interlocutor (therapist or client) -> all they said, each utterance once."""
    said: dict[str, dict[str, list[str]]] = {}
    seen = set()
    with (Path(data_root) / "annomi" / "annomi-full.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            key = row["transcript_id"], row["utterance_id"]
            if key not in seen:
                seen.add(key)
                session = said.setdefault(row["transcript_id"], {})
                session.setdefault(row["interlocutor"], []).append(row["utterance_text"])
    return {name: {who: " ".join(texts) for who, texts in own.items()} for name, own in said.items()}


def annomi_therapists(data_root: str | Path) -> dict[str, dict[str, str]]:
    """
    Topic -> session -> what its therapist said. Sessions by one channel or of one demonstration may share a therapist:
    those are counted as two people, so that the figure is a lower bound.
    """
    topics: dict[str, str] = {}
    with (Path(data_root) / "annomi" / "annomi-full.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            topics[row["transcript_id"]] = row["topic"]
    out: dict[str, dict[str, str]] = {}
    for session, said in annomi_sessions(data_root).items():
        if "therapist" in said:
            out.setdefault(topics[session], {})[session] = said["therapist"]
    return out


def meld_characters(data_root: str | Path, least: int = 600) -> dict[str, dict[str, str]]:
    """One place (a television series) -> character with `least` words or more -> all their lines of the train part."""
    said: dict[str, list[str]] = {}
    with (Path(data_root) / "meld" / "train.csv").open(encoding="utf-8", errors="replace", newline="") as stream:
        for row in csv.DictReader(stream):
            said.setdefault(row["Speaker"], []).append(row["Utterance"])
    joined = {who: " ".join(lines) for who, lines in said.items()}
    return {"MELD": {who: text for who, text in joined.items() if len(text.split()) >= least}}


def other_speakers(
    texts: Mapping[str, Mapping[str, str]], vector: Callable[[str], np.ndarray], words: int, most: int = PIECES
) -> dict[str, Any]:
    """
    `scores` of pieces by one person or by two of one place.

    Args:
        texts: place (never compared with another) -> speaker -> all they said.
        vector: a piece -> vector of length 1.
        words, most: of a piece, and pieces of a speaker.
    """
    rows = []
    for place, said in texts.items():
        made = [(who, vector(piece)) for who, text in said.items() for piece in cut(text, words, most)]
        rows += [(float(a[1] @ b[1]), a[0] == b[0], place) for a, b in combinations(made, 2)]
    similarity, same, group = zip(*rows, strict=True) if rows else ((), (), ())
    return scores(Pairs(np.array(similarity), np.array(same, dtype=bool), np.array(group)))


def other_corpora(data_root: str | Path, vector: Callable[[str], np.ndarray] | None = None) -> list[dict[str, Any]]:
    """
    Rows `{"corpus", "words", "auc", ...}`; nothing of them was fitted on.

    Args:
        data_root: folder with `annomi/` and `meld/`.
        vector: a text of 300 words or more -> vector of length 1; default: the fingerprint that ships with Pixel.
    """
    vector = vector or Fingerprint.load().vector
    given = (
        ("AnnoMI, therapist or client of a session", annomi_sessions(data_root), (300, 600)),
        ("AnnoMI, therapists of one topic", annomi_therapists(data_root), (300, 600)),
        ("MELD, scripted characters", meld_characters(data_root), (300, 600)),
    )
    return [
        {"corpus": name, "words": words} | other_speakers(texts, vector, words)
        for name, texts, lengths in given
        for words in lengths
    ]
