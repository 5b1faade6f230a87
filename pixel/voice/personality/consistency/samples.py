"""What one voice said, cut into samples that are long enough to know it by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pixel.voice.segment import Segment

WORDS = 300
"""Words of a sample."""


@dataclass(frozen=True)
class Sample:
    """
    Segments in a row by one voice.

    Attributes:
        id: of its first segment.
        voice: whose it is held to be.
        text: what was said.
        segments: ids, in order.
        file, start, end: where; seconds from the start of the file.
    """

    id: str
    voice: str
    text: str
    segments: tuple[str, ...] = ()
    file: str = ""
    start: float = 0.0
    end: float = 0.0

    @property
    def words(self) -> int:
        """By blanks."""
        return len(self.text.split())


def voices_of(segments: Iterable[Segment], files: Iterable[Mapping[str, Any]] = ()) -> dict[str, list[Segment]]:
    """
    Segments by voice, in order of file and time.

    The speaker with the most words in each recording of a persona or, where none is named, a channel is held to be
    one voice, named after it. That is a guess: consistency and drift are what it is tested by. Any other speaker is
    `FILE:SPEAKER`, a voice of one recording, and so is the main one of a recording without a channel (`FILE`).

    Args:
        segments: as transcribed, with `speaker` where somebody looked.
        files: rows with `file` and, where known, `persona` and `channel`.
    """
    owners = {row["file"]: row.get("persona") or row.get("channel") for row in files}
    by_file: dict[str, dict[str | None, list[Segment]]] = {}
    for one in sorted(segments, key=lambda one: (one.file, one.start)):
        by_file.setdefault(one.file, {}).setdefault(one.speaker, []).append(one)
    out: dict[str, list[Segment]] = {}
    for file, speakers in by_file.items():
        main = max(speakers, key=lambda name: (_words(speakers[name]), str(name)))
        for name, said in speakers.items():
            voice = str(owners.get(file) or file) if name == main else f"{file}:{name or 'unknown'}"
            out.setdefault(voice, []).extend(said)
    return out


def samples_of(voice: str, segments: Sequence[Segment], words: int = WORDS) -> list[Sample]:
    """
    Samples of `words` words or a little more, cut between segments and never across recordings.

    What is left at the end of a recording joins its last sample; a recording with fewer words gives none.

    Args:
        voice: whose segments these are.
        segments: in order of file and time.
        words: of a sample at least, 1 or more.
    """
    out: list[Sample] = []
    runs: dict[str, list[Segment]] = {}
    for one in segments:
        runs.setdefault(one.file, []).append(one)
    for run in runs.values():
        done: list[list[Segment]] = []
        open_: list[Segment] = []
        for one in run:
            open_.append(one)
            if _words(open_) >= words:
                done.append(open_)
                open_ = []
        if done and open_:
            done[-1] = done[-1] + open_
        out += [_sample(voice, piece) for piece in done]
    return out


def _words(segments: Sequence[Segment]) -> int:
    return sum(len(one.text.split()) for one in segments)


def _sample(voice: str, piece: Sequence[Segment]) -> Sample:
    first, last = piece[0], piece[-1]
    text = " ".join(one.text for one in piece)
    return Sample(first.id, voice, text, tuple(one.id for one in piece), first.file, first.start, last.end)
