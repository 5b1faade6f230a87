"""People talking in AMI's meetings: who said what, and pairs of pieces by one speaker or by two of one meeting."""

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

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


class Pairs(NamedTuple):
    """Pairs of pieces said in one meeting: similarity, whether by one person, and the group they are of."""

    similarity: np.ndarray
    same: np.ndarray
    group: np.ndarray


def read_speakers(data_root: str | Path) -> list[Speaker]:
    """
    Everybody of every meeting under `ami/`, in the order of file names.

    Raises:
        FileNotFoundError: no transcripts there.
    """
    files = sorted((Path(data_root) / "ami").glob("*.transcript.txt"))
    if not files:
        raise FileNotFoundError(f"{data_root}/ami: no transcripts there. Mend: name the folder above as --data_root")
    out = []
    for file in files:
        meeting, channel = file.name.split(".")[:2]
        out.append(Speaker(meeting[:6], meeting, channel, file.read_text(encoding="utf-8")))
    return out


def cut(text: str, words: int, most: int | None = None, step: int | None = None) -> list[str]:
    """
    The first `most` pieces of exactly `words` words.

    Args:
        text: what is cut, at blanks.
        words: of a piece.
        most: pieces at most; default: all.
        step: words from the start of one to the next's; default: `words`, so that none overlap.
    """
    said = text.split()
    return [" ".join(said[start : start + words]) for start in range(0, len(said) - words + 1, step or words)][:most]


def first_and_last(text: str, words: int, most: int = PIECES) -> list[str]:
    """Half of `most` pieces from the start and half from the end, none overlapping: the talk has moved on between."""
    pieces = cut(text, words)
    half = min(most, len(pieces)) // 2
    return pieces[:half] + pieces[len(pieces) - half :]


def pairs(
    speakers: Sequence[Speaker],
    words: int,
    vector: Callable[[str], np.ndarray],
    apart: bool = False,
) -> Pairs:
    """
    All pairs of pieces within each meeting: the talk is the same, so that the speaker differs.

    Args:
        speakers: of any meetings.
        words: of a piece.
        vector: a piece -> vector of length 1.
        apart: every pair is of a piece near the start and one near the end of what its speaker said.
    """
    meetings: dict[str, list[tuple[str, str, bool, np.ndarray]]] = {}
    for one in speakers:
        pieces = first_and_last(one.text, words) if apart else cut(one.text, words, PIECES)
        for number, piece in enumerate(pieces):
            row = one.group, one.channel, number >= len(pieces) / 2, vector(piece)
            meetings.setdefault(one.meeting, []).append(row)
    rows = [
        (float(a[3] @ b[3]), a[1] == b[1], a[0])
        for made in meetings.values()
        for a, b in combinations(made, 2)
        if not apart or a[2] != b[2]
    ]
    similarity, same, group = zip(*rows, strict=True) if rows else ((), (), ())
    return Pairs(np.array(similarity), np.array(same, dtype=bool), np.array(group))


def folds_of(groups: Iterable[str], count: int = 5, seed: int = 0) -> dict[str, int]:
    """Group -> its fold, whole groups dealt out."""
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(names).tolist()
    return dict(zip(order, (np.arange(len(names)) % count).tolist(), strict=True))


def folds(speakers: Sequence[Speaker], count: int = 5, seed: int = 0) -> list[tuple[list[Speaker], list[Speaker]]]:
    """Fitted-on and held-out speakers of every fold of `folds_of`."""
    place = folds_of((one.group for one in speakers), count, seed)
    return [
        ([one for one in speakers if place[one.group] != fold], [one for one in speakers if place[one.group] == fold])
        for fold in range(count)
    ]
