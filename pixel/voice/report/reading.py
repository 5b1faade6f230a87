"""The folder that `recipes/transcribe.py` wrote, as far as a report needs it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pixel.data.errors import ConversationError
from pixel.data.json_lines import json_rows
from pixel.voice.segment import Segment

MEND = "give the folder that recipes/transcribe.py wrote"


@dataclass
class Heard:
    """
    Attributes:
        files: rows of `files.jsonl`, in order.
        segments: of `segments.jsonl`.
        dropped: of `dropped.jsonl`, removed by guards; `flags` say why.
        selected: ids in `selected.jsonl`; `None` where quality was not looked at.
        unselected: of `dropped_by_quality.jsonl`, with their reasons; empty where quality was not looked at.
        summary: `summary.json`; empty where it is not there.
    """

    files: list[dict[str, Any]]
    segments: list[Segment]
    dropped: list[Segment] = field(default_factory=list)
    selected: set[str] | None = None
    unselected: list[tuple[Segment, list[str]]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)

    @property
    def trained_on(self) -> list[Segment]:
        """What quality kept; everything where it was not looked at."""
        return [one for one in self.segments if self.selected is None or one.id in self.selected]


def read_folder(folder: str | Path) -> Heard:
    """
    Args:
        folder: with `segments.jsonl` and `files.jsonl`; the other files are read where they are.

    Raises:
        ConversationError: one of the two is missing, or a line is no segment; names file and line.
    """
    root = Path(folder)
    for name in ("files.jsonl", "segments.jsonl"):
        if not (root / name).is_file():
            raise ConversationError("file not found", file=root / name, mend=MEND)
    files = []
    for number, row in json_rows(root / "files.jsonl", MEND):
        if not isinstance(row.get("file"), str):
            raise ConversationError("is missing", file=root / "files.jsonl", row=number, field="file", mend=MEND)
        files.append(row)
    selected = None
    if (root / "selected.jsonl").is_file():
        selected = {one.id for one, _ in _segments(root / "selected.jsonl")}
    return Heard(
        files,
        [one for one, _ in _segments(root / "segments.jsonl")],
        [one for one, _ in _segments(root / "dropped.jsonl")],
        selected,
        [(one, _reasons(one, row)) for one, row in _segments(root / "dropped_by_quality.jsonl")],
        _summary(root / "summary.json"),
    )


def _segments(file: Path) -> Iterator[tuple[Segment, dict[str, Any]]]:
    if not file.is_file():
        return
    for number, row in json_rows(file, MEND):
        try:
            yield Segment.from_row(row), row
        except (ValueError, TypeError, KeyError) as error:
            problem, _, mend = str(error).partition(". Mend: ")
            raise ConversationError(problem, file=file, row=number, mend=mend or MEND) from None


def _reasons(one: Segment, row: dict[str, Any]) -> list[str]:
    given = row.get("reasons") or one.flags
    return [str(reason) for reason in ([given] if isinstance(given, str) else given)]


def _summary(file: Path) -> dict[str, Any]:
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except OSError:
        return {}
    except ValueError:
        raise ConversationError("is not JSON", file=file, mend=MEND) from None
    return read if isinstance(read, dict) else {}
