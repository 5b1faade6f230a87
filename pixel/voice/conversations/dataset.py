"""From conversations by recording to a dataset folder: rows of the schema, metadata, splits, parquet, card, Hub."""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pixel.data.dataset_card import Counts
from pixel.data.errors import ConversationError
from pixel.data.parquet import put_in_place
from pixel.data.schema import conversation
from pixel.data.splits import side
from pixel.voice.conversations.consent import allows_profile
from pixel.voice.conversations.metadata import (
    groups_of,
    licence_of,
    markers,
    own_likeness,
    person_hash,
    source_facts,
    speaker_hash,
)

SOURCE = "voice"
BATCH = 200
BUILT = {"README.md", "data", "stats.json", "stats.json.partial"}
"""What a dataset folder holds that was built here: one with anything else is not replaced."""


@dataclass
class Assembled:
    """
    Attributes:
        rows: of the schema with `voice` (a JSON string), in the order of files and times; `clips` beside them says
            where in which file the audio of each stands, `None` where it is withheld.
        counts: what was made and left out, by name.
        files: facts of the files that rows come from, by name.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    clips: list[tuple[str, float, float] | None] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    files: dict[str, Mapping[str, Any]] = field(default_factory=dict)


def assemble(
    made: Iterable[tuple[Mapping[str, Any], dict]], *, fingerprint=None, by: str = "auto", profiles: bool = True
) -> Assembled:
    """
    Put the recordings' conversations together.

    Args:
        made: facts and conversations of each file (`pixel.voice.conversations.making.make`).
        fingerprint: with `vector(text)`, for each row's likeness to its own speaker; `None` leaves that out.
        by: what a group is (`groups_of`).
        profiles: whether the markers of each speaker's profile are written.
    """
    from pixel.knowledge.quality.near_duplicates import NearDuplicates

    out, seen, kept = Assembled(), NearDuplicates(size=3), []
    for facts, result in made:
        out.counts.update(result["counts"])
        out.counts["files"] += 1
        for row in result["rows"]:
            name = f"{person_hash('file', facts['file'])}-{round(row['start'] * 1000):09d}"
            if seen.add(name, "\n".join(one["content"] for one in row["messages"])) is not None:
                out.counts["left out: near-duplicate of an earlier one"] += 1
                continue
            kept.append((name, facts, row))
            out.files[facts["file"]] = facts
    groups = groups_of(out.files.values(), by)
    told = _by_speaker(kept, fingerprint, profiles)
    for (name, facts, row), (speaker, likeness, marked) in zip(kept, told, strict=True):
        voice = {
            "kind": row["kind"], "speaker": speaker, "likeness": likeness, "words": len(row["own"].split()),
            "start": row["start"], "end": row["end"], "file": person_hash("file", facts["file"]),
            "source": source_facts(facts), "markers": marked, **row["about"],
        }  # fmt: skip
        out.rows.append(
            conversation(row["messages"], id=name, source=SOURCE, licence=licence_of(facts),
                         group=groups[facts["file"]])
            | {"voice": json.dumps(voice, ensure_ascii=False, sort_keys=True)}
        )  # fmt: skip
        out.clips.append((facts["file"], row["start"], row["end"]) if row["clear"] else None)
    return out


def columns(audio: bool = False) -> Any:
    """The schema's features with `voice` (a JSON string) and, where wanted, `audio` (bytes of a WAV, not decoded)."""
    from datasets import Value

    from pixel.data.schema import features

    found = features()
    found["voice"] = Value("string")
    if audio:
        from datasets import Audio

        found["audio"] = Audio(sampling_rate=16_000, decode=False)
    return found


def write(
    assembled: Assembled,
    target: Path,
    card: Callable[[Mapping[str, Counts]], str],
    *,
    clips: Callable[[str, list[tuple[float, float]]], list[bytes | None]] | None = None,
    validation: float = 0.1,
    seed: int = 0,
) -> dict[str, Counts]:
    """
    Write `target/data/SPLIT-00000-of-00001.parquet` and `README.md`: all, or nothing. Same rows, same bytes.

    Args:
        assembled: rows.
        target: folder; a dataset that was built there before is replaced.
        card: gives the README from the counts.
        clips: gives the audio of stretches of a file, for the column `audio`; `None`: no such column.
        validation, seed: share of groups for validation, by hash of the group.

    Raises:
        ConversationError: no conversation is left, or the folder holds something else.
    """
    if not assembled.rows:
        dropped = ", ".join(f"{name}: {count}" for name, count in assembled.counts.most_common() if count)
        raise ConversationError(f"no conversation is left ({dropped})", mend="give more speech, or a writer: --writer")
    if target.exists() and not {one.name for one in target.iterdir()} <= BUILT:
        raise ConversationError("folder is in the way and was not built here", file=target, mend="move it away")
    target.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        counts = _parquet(assembled, workshop / "data", clips, validation, seed)
        (workshop / "README.md").write_text(card(counts), encoding="utf-8")
        workshop.chmod(0o755)
        put_in_place(workshop, target)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return counts


def _parquet(assembled: Assembled, folder: Path, clips, validation: float, seed: int) -> dict[str, Counts]:
    from pyarrow import Table
    from pyarrow.parquet import ParquetWriter

    folder.mkdir()
    schema = columns(clips is not None).arrow_schema
    writers: dict[str, ParquetWriter] = {}
    waiting: dict[str, list] = {}
    counts: dict[str, Counts] = {}

    def flush(split: str) -> None:
        if split not in writers:
            writers[split] = ParquetWriter(folder / f"{split}-00000-of-00001.parquet", schema)
        writers[split].write_table(Table.from_pylist(waiting.pop(split), schema=schema))

    for row in _with_audio(assembled, clips):
        split = side(row["group"], validation, seed)
        counts.setdefault(split, Counts()).add(row)
        waiting.setdefault(split, []).append(row)
        if len(waiting[split]) == BATCH:
            flush(split)
    for split in list(waiting):
        flush(split)
    for writer in writers.values():
        writer.close()
    return {name: counts[name] for name in sorted(counts)}


def _with_audio(assembled: Assembled, clips) -> Iterator[dict[str, Any]]:
    """Rows, each with its stretch of sound; the clips of one file lie in memory at a time."""
    if clips is None:
        yield from assembled.rows
        return
    place = 0
    while place < len(assembled.rows):
        file = json.loads(assembled.rows[place]["voice"])["file"]
        end = place
        while end < len(assembled.rows) and json.loads(assembled.rows[end]["voice"])["file"] == file:
            end += 1
        wanted = [clip for clip in assembled.clips[place:end] if clip is not None]
        sounds = iter(clips(wanted[0][0], [clip[1:] for clip in wanted]) if wanted else ())
        for row, clip in zip(assembled.rows[place:end], assembled.clips[place:end], strict=True):
            sound = next(sounds) if clip is not None else None
            yield row | {"audio": None if sound is None else {"bytes": sound, "path": f"{row['id']}.wav"}}
        place = end


def _by_speaker(kept: list, fingerprint, profiles: bool) -> list[tuple[str, float | None, dict | None]]:
    """Speaker, likeness to the rest of the speaker, and the speaker's markers, for each row; null if not allowed."""
    own: dict[str, list[int]] = {}
    out: list = [None] * len(kept)
    for place, (_, facts, row) in enumerate(kept):
        name = speaker_hash(facts, row["speaker"])
        out[place] = (name, None, None)
        if allows_profile(facts):
            own.setdefault(name, []).append(place)
    for name, places in own.items():
        texts = [kept[place][2]["own"] for place in places]
        alike = own_likeness(texts, fingerprint) if fingerprint is not None else [None] * len(texts)
        text = " ".join(texts).strip()
        marked = markers(text) if profiles and text else None
        for place, one in zip(places, alike, strict=True):
            out[place] = (name, one, marked)
    return out
