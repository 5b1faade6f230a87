"""Conversations that claim a voice, from the dataset that was made of the recordings or from JSON lines."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixel.data.errors import ConversationError
from pixel.data.json_lines import json_rows
from pixel.voice.conversations.metadata import person_hash, speaker_hash
from pixel.voice.personality.consistency.samples import voices_of
from pixel.voice.report.reading import Heard

MEND = 'give the folder that recipes/voice_conversations.py wrote, or {"voice": ..., "messages": [...]} a line'
BATCH = 500


@dataclass(frozen=True)
class Claim:
    """
    What is said in a voice's name in one conversation.

    Attributes:
        voice: as `voices_of` calls it.
        texts: of the assistant.
        file, start, end: the recording and the seconds that it was made of; `file` is `None` where it was not.
    """

    voice: str
    texts: tuple[str, ...]
    file: str | None = None
    start: float = 0.0
    end: float = 0.0


def read_claims(path: str | Path, heard: Heard) -> list[Claim]:
    """
    Args:
        path: folder with `data/*.parquet` whose column `voice` names speakers and files by hashes, or JSON lines.
        heard: the transcription that a dataset was made of; its voices are what the hashes are looked up in.

    Raises:
        ConversationError: neither of the two, or a dataset that was not made of this transcription.
    """
    return _of_dataset(Path(path), heard) if Path(path).is_dir() else list(_of_lines(Path(path)))


def _of_lines(file: Path) -> Iterator[Claim]:
    for number, row in json_rows(file, MEND):
        for name, kind in (("voice", str), ("messages", list)):
            if not isinstance(row.get(name), kind):
                raise ConversationError("is missing", file=file, row=number, field=name, mend=MEND)
        try:
            yield Claim(row["voice"], _said(row["messages"]))
        except (TypeError, KeyError, AttributeError):
            problem = 'holds something other than {"role": ..., "content": ...}'
            raise ConversationError(problem, file=file, row=number, field="messages", mend=MEND) from None


def _of_dataset(folder: Path, heard: Heard) -> list[Claim]:
    voices, files = _by_hash(heard), {person_hash("file", row["file"]): row["file"] for row in heard.files}
    claims, known = [], 0
    for file, number, messages, told in _rows(folder):
        try:
            made = json.loads(told)
            speaker, recording, start, end = (made[name] for name in ("speaker", "file", "start", "end"))
        except (ValueError, TypeError, KeyError):
            raise ConversationError("is not what was written there", file=file, row=number, field="voice",
                                    mend=MEND) from None  # fmt: skip
        own = messages[:-1] if made.get("crisis_answered_by") else messages  # the guide's words are nobody's
        known += speaker in voices and recording in files
        claims.append(Claim(voices.get(speaker, speaker), _said(own), files.get(recording), start, end))
    if not known:
        problem = "no conversation of it was made of these recordings"
        raise ConversationError(problem, file=folder, mend="give --input the folder that it was made of")
    return claims


def _rows(folder: Path) -> Iterator[tuple[Path, int, list, str]]:
    """File, number in it, messages and `voice` of every row; the sound stays where it is."""
    from pyarrow import ArrowInvalid
    from pyarrow.parquet import ParquetFile

    files = sorted(folder.glob("data/*.parquet"))
    if not files:
        raise ConversationError("no data/*.parquet there", file=folder, mend=MEND)
    for file in files:
        try:
            with ParquetFile(file) as table:
                if missing := sorted({"messages", "voice"} - set(table.schema_arrow.names)):
                    raise ConversationError("is missing", file=file, field=missing[0], mend=MEND)
                number = 0
                for batch in table.iter_batches(BATCH, columns=["messages", "voice"]):
                    for row in batch.to_pylist():
                        number += 1
                        yield file, number, row["messages"], row["voice"]
        except ArrowInvalid:
            raise ConversationError("is no parquet file", file=file, mend=MEND) from None


def _by_hash(heard: Heard) -> dict[str, str]:
    """Hash of a speaker -> the voice that the report holds him to be."""
    facts = {row["file"]: row for row in heard.files}
    found: dict[str, str] = {}
    for name, own in voices_of(heard.trained_on, heard.files).items():
        for one in own:
            row = facts.get(one.file, {"file": one.file})
            voice = str(row["persona"]) if row.get("persona") else name
            found.setdefault(speaker_hash(row, one.speaker), voice)
    return found


def _said(messages: list[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(str(one["content"]) for one in messages if one["role"] == "assistant" and one["content"])
