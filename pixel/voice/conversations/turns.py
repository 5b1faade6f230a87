"""Turns: what one speaker says until another takes over, out of segments that overlap and interrupt each other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pixel.voice.segment import Segment

BREAK = 20.0
"""Seconds without a word after which what follows is not the same talk."""
BACKCHANNEL_WORDS = 3
"""So many words at most are a sign of listening, where the other one speaks on without a break."""
FLOOR = 1.5
"""Seconds within which a speaker who goes on never gave up the floor."""
_INSIDE = 0.3
"""Seconds by which an interruption has to lie inside another's segment to cut it."""


@dataclass(frozen=True)
class Turn:
    """
    Attributes:
        speaker: of the file; `S1` where nobody looked who speaks.
        start, end: seconds from the start of the file.
        text: what was said.
        segments: ids of the segments it was made of.
        marks: where in `text` each of its pieces begins, and that piece's start and end in seconds.
    """

    speaker: str
    start: float
    end: float
    text: str
    segments: tuple[str, ...] = ()
    marks: tuple[tuple[int, float, float], ...] = field(default=(), compare=False, repr=False)

    @property
    def words(self) -> int:
        """Number of words."""
        return len(self.text.split())

    @property
    def asks(self) -> bool:
        """Whether a sentence of it ends in a question mark."""
        return "?" in self.text

    def at(self, letter: int) -> float:
        """Seconds at which a letter is spoken, as if each piece were spoken at one pace."""
        marks = self.marks or ((0, self.start, self.end),)
        place = max((n for n, mark in enumerate(marks) if mark[0] <= letter), default=0)
        first, start, end = marks[place]
        until = marks[place + 1][0] - 1 if place + 1 < len(marks) else len(self.text)
        return start + (end - start) * min(1.0, (letter - first) / max(1, until - first))


class Turns(NamedTuple):
    """
    Attributes:
        turns: of one file, by start; neighbours have different speakers, or more than `BREAK` seconds between them.
        backchannels: short signs of listening that were left out.
        interruptions: segments that were cut where another speaker came in.
    """

    turns: list[Turn]
    backchannels: int
    interruptions: int


def to_turns(segments: Iterable[Segment]) -> Turns:
    """
    Merge the segments of one file.

    A segment in which another speaker says more than a sign of listening is cut at the word where that begins, so that
    the order is the order of speaking. Up to `BACKCHANNEL_WORDS` words between two pieces of another speaker who goes
    on within `FLOOR` seconds are a sign of listening and are left out, unless they follow or are a question: then
    they are an answer, or a question.

    Args:
        segments: of one file, in any order; without words they cannot be cut and go by their start.
    """
    given = sorted((one for one in segments if one.text.strip()), key=lambda one: (one.start, one.end))
    pieces, cuts = _interrupted([_piece(one) for one in given], given)
    kept, left_out = _without_backchannels(pieces)
    turns: list[Turn] = []
    for piece in kept:
        last = turns[-1] if turns else None
        if last and last.speaker == piece.speaker and piece.start - last.end <= BREAK:
            turns[-1] = replace(
                last,
                end=max(last.end, piece.end),
                text=f"{last.text} {piece.text}",
                segments=tuple(dict.fromkeys(last.segments + piece.segments)),
                marks=(*last.marks, (len(last.text) + 1, piece.start, piece.end)),
            )
        else:
            turns.append(piece)
    return Turns(turns, left_out, cuts)


def _piece(segment: Segment) -> Turn:
    text = " ".join(segment.text.split())
    marks = ((0, segment.start, segment.end),)
    return Turn(segment.speaker or "S1", segment.start, segment.end, text, (segment.id,), marks)


def _interrupted(pieces: Sequence[Turn], segments: Sequence[Segment]) -> tuple[list[Turn], int]:
    """Pieces in the order of speaking, those that hold another's turn cut in two; and how many were cut."""
    out, cuts = [], 0
    for piece, segment in zip(pieces, segments, strict=True):
        starts = sorted(
            other.start
            for other in pieces
            if other.speaker != piece.speaker
            and other.words > BACKCHANNEL_WORDS
            and piece.start + _INSIDE < other.start
            and other.end < piece.end - _INSIDE
        )
        rest = list(segment.words)
        for start in starts:
            before = [word for word in rest if word.start < start]
            after = [word for word in rest if word.start >= start]
            if before and after:
                out.append(_of_words(piece, before))
                rest, cuts = after, cuts + 1
        out.append(_of_words(piece, rest) if len(rest) < len(segment.words) else piece)
    return sorted(out, key=lambda one: (one.start, one.end)), cuts


def _of_words(piece: Turn, words: Sequence) -> Turn:
    text = " ".join("".join(word.text if word.text[:1].isspace() else f" {word.text}" for word in words).split())
    start, end = words[0].start, words[-1].end
    return replace(piece, start=start, end=end, text=text, marks=((0, start, end),))


def _without_backchannels(pieces: Sequence[Turn]) -> tuple[list[Turn], int]:
    kept: list[Turn] = []
    left_out = 0
    for place, piece in enumerate(pieces):
        follows = next((other for other in pieces[place + 1 :] if other.speaker != piece.speaker), None)
        before = kept[-1] if kept else None
        listening = (
            piece.words <= BACKCHANNEL_WORDS
            and before is not None
            and follows is not None
            and before.speaker == follows.speaker != piece.speaker
            and not before.text.endswith("?")
            and not piece.asks
            and follows.start - before.end <= FLOOR
        )
        if listening:
            left_out += 1
        else:
            kept.append(piece)
    return kept, left_out
