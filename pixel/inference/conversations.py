"""Conversations to be read: one JSON object a line, checked without ever repeating what was said in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixel.data.errors import ConversationError
from pixel.data.json_lines import json_object, numbered_lines, row_id
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
    for number, line in numbered_lines(file):
        name = None
        try:
            row = json_object(line)
            name = row_id(row, "conversation")
            yield InputRow(number, name, checked_messages(row))
        except ConversationError as error:
            yield InputRow(number, name, [], error.at(file=Path(file), row=number))


def checked_messages(row: Mapping[str, Any]) -> list[dict[str, str]]:
    """`{"role", "content"}` of a row that can be read; raises `ConversationError` for one that cannot."""
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
