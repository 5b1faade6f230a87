"""Texts in JSON lines to fingerprints: a row that cannot be used is named, and the others go on."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pixel.data.errors import ConversationError
from pixel.data.json_lines import json_object, numbered_lines, row_id
from pixel.voice.personality.fingerprint.fingerprint import Fingerprint, TooShort

MEND = 'write {"id": ..., "text": ...} a line'


class Made(NamedTuple):
    """
    Attributes:
        row: `{"id", "vector", "profile"}` or `{"id", "error"}`.
        line: its number in the file, from 1.
        words: of the text, by blanks; 0 where there is none.
    """

    row: dict[str, Any]
    line: int
    words: int


def made_rows(
    file: str | Path, fingerprint: Fingerprint, profile: Callable[[str], dict[str, Any]] | None = None
) -> Iterator[Made]:
    """
    One row for each that is not blank, in order.

    A row without an id of its own is called by its line number; an id that was there before is an error.

    Args:
        file: rows `{"id", "text"}`.
        fingerprint: makes the vectors.
        profile: text -> what a person reads; `None`: rows have none.

    Raises:
        ConversationError: no such file.
    """
    seen: set[str | int] = set()
    for number, line in numbered_lines(file):
        name: str | int = number
        try:
            read = json_object(line, MEND)
            name = row_id(read, "text")
            if name in seen:
                raise ConversationError("occurs twice", field="id", mend="give every text its own id")
            seen.add(name)
            text = read.get("text")
            if not isinstance(text, str):
                raise ConversationError("is missing or no string", field="text", mend=MEND)
            row = {"id": name, "vector": [float(f"{number:.6g}") for number in fingerprint.vector(text)]}
            yield Made(row | ({"profile": profile(text)} if profile else {}), number, len(text.split()))
        except (ConversationError, TooShort) as error:
            yield Made({"id": name, "error": str(error)}, number, 0)
