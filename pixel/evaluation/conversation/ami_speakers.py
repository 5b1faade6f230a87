"""People talking in AMI's meetings: who said what, for telling speakers of one meeting apart."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pixel.evaluation.conversation.authenticity import cut
from pixel.text.style_vector import StyleReference

PIECES = 4
"""Pieces of one speaker in one meeting at most."""


class Speaker(NamedTuple):
    """
    Attributes:
        group: the people who met (up to four meetings); `meeting`: one of these.
        channel: the speaker's; letters are not stable from meeting to meeting.
        text: all they said in the meeting.
    """

    group: str
    meeting: str
    channel: str
    text: str


def read_speakers(data_root: str | Path) -> list[Speaker]:
    """
    Raises:
        FileNotFoundError: no transcripts under `ami/`.
    """
    files = sorted((Path(data_root) / "ami").glob("*.transcript.txt"))
    if not files:
        raise FileNotFoundError(f"{data_root}/ami: no transcripts there. Mend: name the folder that holds ami/")
    out = []
    for file in files:
        meeting, channel = file.name.split(".")[:2]
        out.append(Speaker(meeting[:6], meeting, channel, file.read_text(encoding="utf-8")))
    return out


class Pairs(NamedTuple):
    """Pairs of pieces said in one meeting: similarity, whether by one person, and the group they are of."""

    similarity: np.ndarray
    same: np.ndarray
    group: np.ndarray


def pairs(speakers: Sequence[Speaker], words: int, reference: StyleReference) -> Pairs:
    """All pairs within each meeting: the talk is the same, so that only the speaker differs."""
    meetings: dict[str, list[tuple[str, str, np.ndarray]]] = {}
    for one in speakers:
        for piece in cut(one.text, words, PIECES):
            meetings.setdefault(one.meeting, []).append((one.group, one.channel, reference.vector(piece)))
    rows = [
        (float(a[2] @ b[2]), a[1] == b[1], a[0]) for pieces in meetings.values() for a, b in combinations(pieces, 2)
    ]
    similarity, same, group = zip(*rows, strict=True) if rows else ((), (), ())
    return Pairs(np.array(similarity), np.array(same, dtype=bool), np.array(group))


def reference_of(speakers: Sequence[Speaker], words: int = 300) -> StyleReference:
    """What is usual among speakers."""
    return StyleReference.fit([piece for one in speakers for piece in cut(one.text, words, PIECES)])


def unseen_pairs(speakers: Sequence[Speaker], words: int, folds: int = 5, seed: int = 0) -> Pairs:
    """`pairs` of each fold of groups under a reference of the others."""
    names = sorted({one.group for one in speakers})
    place = dict(zip(np.random.default_rng(seed).permutation(names), np.arange(len(names)) % folds, strict=True))
    found = []
    for fold in range(folds):
        reference = reference_of([one for one in speakers if place[one.group] != fold], words)
        found.append(pairs([one for one in speakers if place[one.group] == fold], words, reference))
    return Pairs(*(np.concatenate([getattr(one, name) for one in found]) for name in Pairs._fields))
