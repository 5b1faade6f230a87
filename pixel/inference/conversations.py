"""Conversations to be read: one JSON object a line, checked without ever repeating what was said in them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixel.data.errors import ConversationError
from pixel.data.schema import validate


@dataclass(frozen=True)
class InputRow:
    """
    One line of the input.

    Attributes:
        number: line number, from 1.
        id: the row's `id` (string or integer), `None` where it could not be read.
        messages: `{"role", "content"}` each; empty where there is an error.
        error: why the row cannot be read, or `None`.
    """

    number: int
    id: str | int | None
    messages: list[dict[str, str]]
    error: ConversationError | None = None


def input_rows(file: str | Path) -> Iterator[InputRow]:
    """
    The conversations of a JSON-lines file, `{"id", "messages": [{"role", "content"}, ...]}` each. Other keys are left
    alone, labels among them: reading needs none, so wrong ones do no harm. Blank lines are passed over.

    Yields:
        every row in order; a bad one carries its error, so that the caller chooses whether to stop.

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
                row = _parse(line)
                name = _name(row)
                yield InputRow(number, name, _messages(row))
            except ConversationError as error:
                yield InputRow(number, name, [], error.at(file=path, row=number))


def _parse(line: bytes) -> Mapping[str, Any]:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConversationError("is not UTF-8", mend="save the file as UTF-8") from None
    except (json.JSONDecodeError, RecursionError) as error:
        problem = getattr(error, "msg", "nested too deeply")
        raise ConversationError(f"is not JSON ({problem})", mend="write one JSON object a line") from None
    if not isinstance(row, dict):
        raise ConversationError("is not a JSON object", mend="write one object {...} a line")
    return row


def _name(row: Mapping[str, Any]) -> str | int:
    name = row.get("id")
    if isinstance(name, bool) or not isinstance(name, str | int) or name == "":
        problem = "is missing" if name in (None, "") else "is neither a string nor an integer"
        raise ConversationError(problem, field="id", mend="give every conversation an id, such as its line number")
    return name


def _messages(row: Mapping[str, Any]) -> list[dict[str, str]]:
    messages = row.get("messages")
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        if not isinstance(message, dict):
            raise ConversationError(
                f"message {index} is not an object", field="messages", mend='write {"role": ..., "content": ...}'
            )
    validate({"messages": messages})
    messages = [{"role": message["role"], "content": message["content"]} for message in messages]
    for index, message in enumerate(messages):
        try:
            message["content"].encode("utf-8")
        except UnicodeEncodeError:
            raise ConversationError(
                f"message {index} holds half a character (a lone surrogate)",
                field="messages", mend="repair the text's encoding",
            ) from None  # fmt: skip
    return messages
