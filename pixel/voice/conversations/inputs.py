"""What a transcription left behind: its segments by file, and what is known about each file."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from pixel.data.errors import ConversationError
from pixel.data.json_lines import json_rows
from pixel.voice.segment import Segment

MEND = "give the folder that recipes/transcribe.py wrote"


def read_files(folder: str | Path) -> list[dict[str, Any]]:
    """
    Rows of `files.jsonl` of which something was transcribed, in their order.

    A recording that broke off in the middle is quarantined, and what was heard before has segments: its consent
    counts like any other's.

    Raises:
        ConversationError: no such folder or file, a line that is no object, or a file that is named twice.
    """
    path = Path(folder) / "files.jsonl"
    if not path.is_file():
        raise ConversationError("file not found", file=path, mend=MEND)
    rows: dict[str, dict[str, Any]] = {}
    for number, row in json_rows(path, MEND):
        if not isinstance(row.get("file"), str) or not row["file"]:
            raise ConversationError("is missing", file=path, row=number, field="file", mend=MEND)
        if row["file"] in rows:
            raise ConversationError("stands twice", file=path, row=number, field="file", mend=MEND)
        rows[row["file"]] = row
    return [row for row in rows.values() if row.get("state", "done") == "done" or row.get("segments")]


def segments_file(folder: str | Path) -> Path:
    """`selected.jsonl` where quality was looked at, else `segments.jsonl`."""
    for name in ("selected.jsonl", "segments.jsonl"):
        if (path := Path(folder) / name).is_file():
            return path
    raise ConversationError("no segments.jsonl there", file=folder, mend=MEND)


def read_segments(path: str | Path) -> Iterator[tuple[str, list[Segment]]]:
    """
    Segments of one file after the other; they stand ordered by file, so that one file's lie in memory at a time.

    Raises:
        ConversationError: a line that is no segment, or a file whose segments do not stand together.
    """
    seen: set[str] = set()
    for file, group in groupby(_segments(Path(path)), key=lambda one: one[1].file):
        rows = list(group)
        if file in seen:
            problem = "the segments of its file do not stand together"
            raise ConversationError(problem, file=path, row=rows[0][0], mend="sort by file")
        seen.add(file)
        yield file, [segment for _, segment in rows]


def read_left_out(folder: str | Path) -> dict[str, list[Segment]]:
    """By file, the segments that guards (`dropped.jsonl`) or quality (`dropped_by_quality.jsonl`) took out."""
    found: dict[str, list[Segment]] = {}
    for name in ("dropped.jsonl", "dropped_by_quality.jsonl"):
        path = Path(folder) / name
        for _, segment in _segments(path) if path.is_file() else ():
            found.setdefault(segment.file, []).append(segment)
    return found


def _segments(path: Path) -> Iterator[tuple[int, Segment]]:
    for number, row in json_rows(path, MEND):
        try:
            yield number, Segment.from_row(row)
        except (ValueError, TypeError, KeyError) as error:
            problem, _, mend = str(error).partition(". Mend: ")
            raise ConversationError(problem, file=path, row=number, mend=mend or MEND) from None
