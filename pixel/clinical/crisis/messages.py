"""Messages to be screened: one JSON object a line, checked without ever repeating what it says."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pixel.data.errors import ConversationError
from pixel.data.json_lines import json_object, numbered_lines, row_id


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
    for number, line in numbered_lines(file):
        name = None
        try:
            row = json_object(line, mend='write {"id": ..., "text": ...} a line')
            name = row_id(row, "message")
            yield MessageRow(number, name, _text(row))
        except ConversationError as error:
            yield MessageRow(number, name, "", error.at(file=Path(file), row=number))


def _text(row: dict) -> str:
    if "text" not in row:
        raise ConversationError("is missing", field="text", mend='write {"id": ..., "text": "..."}')
    text = row["text"]
    if text is not None and not isinstance(text, str):
        raise ConversationError(f"is {type(text).__name__}, not a string", field="text", mend="write it as a string")
    return text or ""
