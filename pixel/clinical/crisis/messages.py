"""Messages to be screened: one JSON object a line, checked without ever repeating what it says."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pixel.data.errors import ConversationError


@dataclass(frozen=True)
class MessageRow:
    """
    Attributes:
        number: line number, from 1.
        id: the row's `id`, `None` where it could not be read.
        text: the message, possibly empty.
        error: why the row cannot be read, or `None`.
    """

    number: int
    id: str | int | None
    text: str
    error: ConversationError | None = None


def message_rows(file: str | Path) -> Iterator[MessageRow]:
    """
    The messages of a JSON-lines file, `{"id", "text"}` each; other keys are left alone, blank lines passed over.

    Yields:
        every row in order; a bad one carries its error, so that the caller chooses whether to stop. A text that is
        empty or `null` is no error: it is abstained from.

    Raises:
        ConversationError: no such file.
    """
    path = Path(file)
    if not path.is_file():
        raise ConversationError("file not found", file=path, mend="check the path")
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            name = None
            try:
                row = _object(line)
                name = _id(row)
                yield MessageRow(number, name, _text(row))
            except ConversationError as error:
                yield MessageRow(number, name, "", error.at(file=path, row=number))


def _object(line: bytes) -> dict:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConversationError("is not UTF-8", mend="save the file as UTF-8") from None
    except (json.JSONDecodeError, RecursionError) as error:
        problem = getattr(error, "msg", "nested too deeply")
        raise ConversationError(f"is not JSON ({problem})", mend="write one JSON object a line") from None
    if not isinstance(row, dict):
        raise ConversationError("is not a JSON object", mend='write {"id": ..., "text": ...} a line')
    return row


def _id(row: dict) -> str | int:
    name = row.get("id")
    if isinstance(name, bool) or not isinstance(name, str | int) or name == "":
        problem = "is missing" if name in (None, "") else "is neither a string nor an integer"
        raise ConversationError(problem, field="id", mend="give every message an id, such as its line number")
    return name


def _text(row: dict) -> str:
    if "text" not in row:
        raise ConversationError("is missing", field="text", mend='write {"id": ..., "text": "..."}')
    text = row["text"]
    if text is not None and not isinstance(text, str):
        raise ConversationError(f"is {type(text).__name__}, not a string", field="text", mend="write it as a string")
    return text or ""
