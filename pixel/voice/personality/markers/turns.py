"""Who spoke when: segments of one recording joined to turns."""

from collections.abc import Sequence
from dataclasses import dataclass

from pixel.voice.segment import Segment, Word


@dataclass(frozen=True)
class Turn:
    """Segments of one speaker with nobody else between: `start`, `end` in seconds, `text`, `words` with times."""

    speaker: str | None
    start: float
    end: float
    text: str
    words: tuple[Word, ...]


def turns(segments: Sequence[Segment], longest_pause: float = 5.0) -> list[Turn]:
    """
    Join what one speaker says until another one starts, or until nobody speaks for `longest_pause` seconds.

    Args:
        segments: of one or several files, in any order; a turn never crosses files.
    """
    out: list[Turn] = []
    file = None
    for segment in sorted(segments, key=lambda one: (one.file, one.start, one.end)):
        last = out[-1] if out and file == segment.file else None
        file = segment.file
        if last and last.speaker == segment.speaker and segment.start - last.end <= longest_pause:
            out[-1] = Turn(
                last.speaker, last.start, max(last.end, segment.end), f"{last.text} {segment.text}".strip(),
                last.words + segment.words,
            )  # fmt: skip
        else:
            out.append(Turn(segment.speaker, segment.start, segment.end, segment.text, segment.words))
    return out


def speakers(segments: Sequence[Segment]) -> list[str]:
    """Those who are named, in order of name."""
    return sorted({segment.speaker for segment in segments if segment.speaker is not None})
