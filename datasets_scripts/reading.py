"""Reading raw corpus files strictly: every surprise becomes one line that names file, row, field and mend."""

import codecs
import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pixel.data.errors import ConversationError

FILE, NUMBER = "#file", "#number"
"""Keys under which every raw row carries its file and its 0-based number there, so that errors can name both."""

_CP1252_CONTROLS = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
csv.field_size_limit(2**31 - 1)


def _cp1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not UTF-8 are read as Windows-1252, the usual stray encoding of these corpora."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error("cp1252", _cp1252)


def read_csv(path: Path, columns: Iterable[str], *, delimiter: str = ",") -> Iterator[dict[str, Any]]:
    """
    Rows of a table with a header, each with its place under `FILE` and `NUMBER`. A row with more or fewer cells than
    the header has only that, so that whoever reads its cells says that they are missing.

    Raises:
        ConversationError: file or column missing, broken quoting.
    """
    take = "take the original file"
    with _open(path) as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            count, header = -1, next(reader, [])
            missing = [name for name in columns if name not in header]
            if missing:
                raise ConversationError("column is missing", file=path, field=missing[0], mend=take)
            for count, cells in enumerate(cells for cells in reader if cells):
                named = dict(zip(header, cells, strict=True)) if len(cells) == len(header) else {}
                yield {FILE: path, NUMBER: count} | named
        except csv.Error as error:
            raise ConversationError(f"not a whole table: {error}", file=path, row=count + 1, mend=take) from None


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines of a text file, blank lines left out."""
    with _open(path) as file:
        for number, line in enumerate(file):
            if line.strip():
                yield number, line.rstrip("\r\n")


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Objects of a JSON-lines file, each with its place under `FILE` and `NUMBER`; a damaged line has only that."""
    for number, line in read_lines(path):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            row = None
        yield {**(row if isinstance(row, dict) else {}), FILE: path, NUMBER: number}


def _open(path: Path):
    try:
        return path.open(encoding="utf-8-sig", errors="cp1252", newline="")
    except FileNotFoundError:
        raise ConversationError("file not found", file=path, mend="check --data_root") from None


def convert(
    make: Callable[[Any], dict[str, Any] | None],
    items: Iterable[Any],
    skipped: list[ConversationError] | None = None,
) -> Iterator[dict[str, Any]]:
    """
    Make a conversation of each raw item; `None` from `make` leaves the item out.

    Args:
        make: from a raw row, or a list of raw rows that form a dialogue, to a row of the schema.
        items: raw rows, or lists of them.
        skipped: a list that takes the errors of damaged items; without it the first one is raised.
    """
    for item in items:
        try:
            row = make(item)
        except ConversationError as error:
            first = item[0] if isinstance(item, list) else item
            number = error.row if isinstance(error.row, int) else first[NUMBER]
            file = error.file or first[FILE]
            error = ConversationError(error.problem, file=file, row=number, field=error.field, mend=error.mend)
            if skipped is None:
                raise error from None
            skipped.append(error)
            continue
        if row is not None:
            yield row


def dialogues(rows: Iterable[dict[str, Any]], key: Callable[[dict[str, Any]], Any]) -> list[list[dict[str, Any]]]:
    """Group rows into dialogues by key, in order of first appearance."""
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return list(groups.values())


def text(row: Mapping[str, Any], field: str) -> str:
    """A cell with text in it; stray Windows-1252 control characters become the characters they stand for."""
    value = _cell(row, field)
    if not isinstance(value, str) or not value.strip():
        raise damaged(row, field, "is empty", "fill the cell or drop the row")
    return value.translate(_CP1252_CONTROLS).strip()


def number(row: Mapping[str, Any], field: str, low: float, high: float) -> float:
    """A number in `low..high`."""
    value = _cell(row, field)
    try:
        read = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        read = math.nan
    if not low <= read <= high:
        problem = f"{_short(value)} is no number in {low:g}..{high:g}"
        raise damaged(row, field, problem, "mend the cell or drop the row")
    return read


def integer(row: Mapping[str, Any], field: str, low: int, high: int) -> int:
    """A whole number in `low..high`."""
    read = number(row, field, low, high)
    if read != int(read):
        raise damaged(row, field, f"{_short(row[field])} is not whole", f"use one of {low}..{high}")
    return int(read)


def choice(row: Mapping[str, Any], field: str, table: Iterable[str]) -> str:
    """A cell that holds one of the known values, in the table's spelling."""
    known = {name.lower(): name for name in table}
    value = _cell(row, field)
    found = known.get(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        raise damaged(row, field, f"unknown value {_short(value)}", f"use one of: {', '.join(known.values())}")
    return found


def damaged(row: Mapping[str, Any], field: str, problem: str, mend: str) -> ConversationError:
    """The error of a raw row, with its place."""
    return ConversationError(problem, file=row[FILE], row=row[NUMBER], field=field, mend=mend)


def _cell(row: Mapping[str, Any], field: str) -> Any:
    if field not in row:
        raise damaged(row, field, "is missing in this row", "mend or drop the row")
    return row[field]


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else f"{shown[:36]}...{shown[0]}"
