"""How far two models agree about what was said."""

from collections.abc import Sequence
from dataclasses import replace

from pixel.voice.segment import Segment, Word
from pixel.voice.transcription.guards.repetition import plain


def agreements(segments: Sequence[Segment], others: Sequence[Word]) -> list[Segment]:
    """
    Gives every segment its `agreement`: 1 minus the word error rate of the other decoding against it, at least 0.

    The two texts of the whole stretch are aligned word by word, so that a word which one model puts 0.2 s later still
    meets its twin; a word that only the other wrote counts against the segment in whose time it lies. Lower case,
    without punctuation. A segment without letters has none.

    Args:
        segments: of one stretch, in order, with words.
        others: words of the second model, with times on the same clock.
    """
    from rapidfuzz.distance import Levenshtein

    ours = [
        (place, form) for place, one in enumerate(segments) for word in one.words for form in plain(word.text).split()
    ]
    theirs = [((word.start + word.end) / 2, form) for word in others for form in plain(word.text).split()]
    wrong, length = [0] * len(segments), [0] * len(segments)
    for place, _ in ours:
        length[place] += 1
    for step in Levenshtein.editops([form for _, form in ours], [form for _, form in theirs]):
        if step.tag == "insert":
            place = nearest(segments, theirs[step.dest_pos][0])
        else:
            place = ours[step.src_pos][0]
        if place is not None:
            wrong[place] += 1
    return [
        replace(one, agreement=max(0.0, 1 - errors / words) if words else None)
        for one, errors, words in zip(segments, wrong, length, strict=True)
    ]


def nearest(segments: Sequence[Segment], seconds: float) -> int | None:
    """The segment that a time lies in, or within 0.5 s of; none where it lies in none."""
    distances = [max(one.start - seconds, seconds - one.end, 0.0) for one in segments]
    least = min(range(len(segments)), key=lambda place: distances[place], default=None)
    return least if least is not None and distances[least] <= 0.5 else None
