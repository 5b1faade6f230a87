"""The voices of a transcription that may be spoken in, by name, and what each of them said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pixel.data.deidentify import deidentify
from pixel.data.errors import ConversationError
from pixel.voice.conversations.consent import allows_profile, withdrawn
from pixel.voice.conversations.inputs import read_files, read_segments, segments_file
from pixel.voice.conversations.metadata import people
from pixel.voice.conversations.replies import SHOWN_WORDS
from pixel.voice.personality.consistency.samples import samples_of, voices_of
from pixel.voice.personality.fingerprint.fingerprint import LEAST_WORDS
from pixel.voice.segment import Segment

LISTED = 20
"""Voices named in an error."""


@dataclass(frozen=True)
class KnownVoice:
    """
    Attributes:
        passages: what was said, in stretches of `SHOWN_WORDS` words or a little more, de-identified.
        aliases: what else the voice may be called by, where no other one is.
    """

    passages: tuple[str, ...]
    aliases: frozenset[str]

    @property
    def words(self) -> int:
        """Of all passages."""
        return sum(len(one.split()) for one in self.passages)


def known_voices(folder: str | Path) -> dict[str, KnownVoice]:
    """
    Voices by the names that `voices_of` gives them. A recording whose consent was withdrawn, or leaves `personality`
    out, has none.

    Args:
        folder: that `recipes/transcribe.py` wrote.

    Raises:
        ConversationError: no such folder, or a line of it that cannot be read.
    """
    files = {row["file"]: row for row in read_files(folder)}
    kept: list[Segment] = []
    for file, segments in read_segments(segments_file(folder)):
        facts = files.get(file, {"file": file})
        if withdrawn(facts) or not allows_profile(facts):
            continue
        one = facts.get("speakers") == "monologue"  # the source knows better than a diarization
        kept += [replace(segment, speaker=None) for segment in segments] if one else segments
    found = {}
    for name, own in voices_of(kept, files.values()).items():
        names = people_of(own, files)
        said = (deidentify(sample.text, names) for sample in samples_of(name, own, SHOWN_WORDS))
        found[name] = KnownVoice(tuple(said), frozenset(_aliases(name, own, files)))
    return found


def people_of(segments: Sequence[Segment], files: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Names that the sources of some segments give."""
    return sorted({name for file in {one.file for one in segments} for name in people(files.get(file, {}))})


def _aliases(name: str, own: Sequence[Segment], files: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for file, speaker in sorted({(one.file, one.speaker or "") for one in own}):
        if speaker:
            yield from (speaker, f"{file}:{speaker}")
        if not name.startswith(f"{file}:"):  # its main speaker
            facts = files.get(file, {})
            yield from (str(one) for one in (file, facts.get("channel"), facts.get("persona")) if one)


def find_voice(
    voices: Mapping[str, KnownVoice], wanted: str | None, folder: str | Path
) -> tuple[str, tuple[str, ...]]:
    """
    Args:
        voices: see `known_voices`.
        wanted: a name or alias; `None`: the only voice with words enough for a fingerprint.
        folder: for errors.

    Returns:
        name and passages.

    Raises:
        ConversationError: none, several, or too few words; lists the voices with words enough.
    """
    able = {name: one for name, one in voices.items() if one.words >= LEAST_WORDS}
    listed = [
        f"{name} ({able[name].words} words)" for name in sorted(able, key=lambda name: (-able[name].words, name))
    ]
    more = f" and {len(listed) - LISTED} more" if len(listed) > LISTED else ""
    mend = f"--voice takes one of: {', '.join(listed[:LISTED])}{more}" if able else "transcribe more of the voice"
    if wanted is None:
        named, problem = list(able), f"{len(able)} voices have the {LEAST_WORDS} words that a fingerprint needs"
    else:
        named = [wanted] if wanted in voices else [name for name, one in voices.items() if wanted in one.aliases]
        problem = f"{len(named) or 'no'} voices are called {wanted!r}"
    if len(named) != 1:
        raise ConversationError(problem, file=folder, field="--voice", mend=mend)
    if named[0] not in able:
        problem = f"{named[0]!r} has {voices[named[0]].words} words in passages, {LEAST_WORDS} are needed"
        raise ConversationError(problem, file=folder, field="--voice", mend=mend)
    return named[0], voices[named[0]].passages
