"""Conversations that claim a voice, held against it and against the others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pixel.voice.personality.consistency.authenticity import Authenticity, Voice, authenticity, voice
from pixel.voice.personality.consistency.drift import Vector
from pixel.voice.personality.consistency.likeness import Likeness
from pixel.voice.personality.consistency.samples import WORDS
from pixel.voice.report.claimed import Claim
from pixel.voice.report.names import Names
from pixel.voice.segment import Segment


def authenticity_rows(
    claims: Iterable[Claim],
    voices: Mapping[str, Sequence[Segment]],
    vector: Vector,
    likeness: Likeness,
    names: Names,
) -> list[dict[str, Any]]:
    """
    One row a voice: all that is said in its name, taken together.

    What was made of a recording stands in it word for word, so it is held against the rest of its voice: every second
    conversation against the segments that none of these was made of, then the others likewise. `probability`,
    `cosine` and `margin` are means of the two, `rank` is the worse one; `apart` says that it was done so.

    Args:
        claims: see `read_claims`; those of a voice with fewer than 300 words are counted, not scored.
        voices: see `voices_of`.
        vector: a text's fingerprint.
        likeness: from cosine to probability, for that fingerprint.
        names: how voices are called.
    """
    known = {name: found for name, own in voices.items() if (found := _voice(own, vector)) is not None}
    claimed: dict[str, list[Claim]] = {}
    for one in claims:
        claimed.setdefault(one.voice, []).append(one)
    rows = []
    for name, own in claimed.items():
        words = sum(len(text.split()) for one in own for text in one.texts)
        row = {"name": names.of("voice", name), "conversations": len(own), "words": words}
        scored = []
        for part, rest in _parts(own, voices.get(name, ())):
            against = known if rest is None else known | {name: _voice(rest, vector)}
            if against.get(name) is not None:
                texts = [text for one in part for text in one.texts]
                scored.append(authenticity(texts, name, against, vector, likeness))
        found = [one for one in scored if one is not None]
        row["apart"] = any(one.file is not None for one in own)
        rows.append(
            row | (_together(found, names) if found else {"probability": None, "rank": None, "of": len(known)})
        )
    return rows


def _voice(segments: Sequence[Segment], vector: Vector) -> Voice | None:
    """A voice with 300 words or more."""
    said = [one.text for one in segments]
    return voice(said, vector) if len(" ".join(said).split()) >= WORDS else None


def _parts(claims: Sequence[Claim], own: Sequence[Segment]) -> Iterator[tuple[list[Claim], list[Segment] | None]]:
    """Claims with what of their voice they are held against; `None`: all of it."""
    free = [one for one in claims if one.file is None]
    if free:
        yield free, None
    made = sorted((one for one in claims if one.file is not None), key=lambda one: (one.file, one.start))
    for part in (made[0::2], made[1::2]):
        if part:
            yield part, [one for one in own if not any(_shared(one, claim) for claim in part)]


def _shared(one: Segment, claim: Claim) -> bool:
    return one.file == claim.file and one.start < claim.end and one.end > claim.start


def _together(found: Sequence[Authenticity], names: Names) -> dict[str, Any]:
    """The row of two halves, or of one."""
    worst = max(found, key=lambda one: (one.rank, -one.cosine))
    row = worst.as_row() | {"nearest": names.of("voice", worst.nearest)}
    for name in ("cosine", "probability", "margin"):
        values = [getattr(one, name) for one in found if getattr(one, name) is not None]
        row[name] = round(sum(values) / len(values), 4) if values else None
    return {name: value for name, value in row.items() if name != "words"}
