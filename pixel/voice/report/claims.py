"""Conversations that claim a voice, held against it and against the others."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pixel.voice.personality.consistency.authenticity import Voice, authenticity, voice
from pixel.voice.personality.consistency.drift import Vector
from pixel.voice.personality.consistency.likeness import Likeness
from pixel.voice.personality.consistency.samples import WORDS
from pixel.voice.report.names import Names
from pixel.voice.segment import Segment


def known_voices(voices: Mapping[str, Sequence[Segment]], vector: Vector) -> dict[str, Voice]:
    """Voices with 300 words or more."""
    texts = {name: [one.text for one in own] for name, own in voices.items()}
    return {name: voice(said, vector) for name, said in texts.items() if len(" ".join(said).split()) >= WORDS}


def authenticity_rows(
    conversations: Iterable[tuple[str, Sequence[str]]],
    voices: Mapping[str, Voice],
    vector: Vector,
    likeness: Likeness,
    names: Names,
) -> list[dict[str, Any]]:
    """
    One row a voice: all that is said in its name, taken together.

    Args:
        conversations: voice claimed, and what is said in it, of each conversation.
        voices: see `known_voices`; claims of a voice that is not among them are counted, not scored.
    """
    said: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for claimed, texts in conversations:
        said.setdefault(claimed, []).extend(texts)
        counts[claimed] = counts.get(claimed, 0) + 1
    rows = []
    for claimed, texts in said.items():
        found = authenticity(texts, claimed, voices, vector, likeness) if claimed in voices else None
        row = {"name": names.of("voice", claimed), "conversations": counts[claimed]}
        if found is None:
            row |= {"words": len(" ".join(texts).split()), "probability": None, "rank": None, "of": len(voices)}
        else:
            row |= found.as_row() | {"nearest": names.of("voice", found.nearest)}
        rows.append(row)
    return rows
