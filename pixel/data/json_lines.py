"""JSON lines, read strictly and without repeating what they say."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pixel.data.errors import ConversationError


def numbered_lines(file: str | Path) -> Iterator[tuple[int, bytes]]:
    """
    The lines of a file that are not blank, with their numbers from 1.

    Raises:
        ConversationError: no such file.
    """
    path = Path(file)
    if not path.is_file():
        raise ConversationError("file not found", file=path, mend="check the path")
    with path.open("rb") as lines:
        yield from ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def json_object(line: bytes, mend: str = "write one object {...} a line") -> dict[str, Any]:
    """
    A line as a mapping.

    Args:
        line: UTF-8, with or without a byte-order mark.
        mend: what to write where it is JSON but no object.

    Raises:
        ConversationError: not UTF-8, not JSON, or no object. The place is for the caller to fill in (`at`).
    """
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConversationError("is not UTF-8", mend="save the file as UTF-8") from None
    except (ValueError, RecursionError) as error:
        # A ValueError that is no JSONDecodeError: an integer of more than 4,300 digits.
        deep = isinstance(error, RecursionError)
        problem = "nested too deeply" if deep else getattr(error, "msg", "a number with too many digits")
        raise ConversationError(f"is not JSON ({problem})", mend="write one JSON object a line") from None
    if not isinstance(row, dict):
        raise ConversationError("is not a JSON object", mend=mend)
    return row


def json_rows(file: str | Path, mend: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """
    Numbered rows of a file in which every line must be an object.

    Raises:
        ConversationError: the first that is none, with file and line; see `json_object` for `mend`.
    """
    for number, line in numbered_lines(file):
        try:
            yield number, json_object(line, mend)
        except ConversationError as error:
            raise error.at(file=Path(file), row=number) from None


def row_id(row: dict[str, Any], what: str) -> str | int:
    """
    The `id` of a row.

    Args:
        row: as `json_object` gives it.
        what: what the rows are, for the error.

    Raises:
        ConversationError: missing, empty, or neither a string nor an integer.
    """
    name = row.get("id")
    if isinstance(name, bool) or not isinstance(name, str | int) or name == "":
        problem = "is missing" if name in (None, "") else "is neither a string nor an integer"
        raise ConversationError(problem, field="id", mend=f"give every {what} an id, such as its line number")
    return name
