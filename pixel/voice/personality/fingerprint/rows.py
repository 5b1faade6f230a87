"""Texts in JSON lines to fingerprints: a row that cannot be used is named, and the others go on."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pixel.data.errors import ConversationError
from pixel.data.json_lines import json_object, numbered_lines, row_id
from pixel.voice.personality.fingerprint.fingerprint import LEAST_WORDS, Fingerprint, TooShort

_LETTER = re.compile("[a-z]", re.IGNORECASE | re.ASCII)
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

    A row without an id of its own is called by its line number; an id that was there before is an error (7 and "7" are
    one id), and so is a text that is mostly written without the letters a to z: nothing of it is counted.

    Args:
        file: rows `{"id", "text"}`.
        fingerprint: makes the vectors.
        profile: text -> what a person reads; `None`: rows have none.

    Raises:
        ConversationError: no such file.
    """
    seen: set[str] = set()
    for number, line in numbered_lines(file):
        name: str | int = number
        try:
            read = json_object(line, MEND)
            name = _writable(row_id(read, "text"))
            if str(name) in seen:
                raise ConversationError("occurs twice", field="id", mend="give every text its own id")
            seen.add(str(name))
            text = read.get("text")
            if not isinstance(text, str):
                raise ConversationError("is missing or no string", field="text", mend=MEND)
            _check_letters(text)
            row = {"id": name, "vector": [float(f"{number:.6g}") for number in fingerprint.vector(text)]}
            yield Made(row | ({"profile": profile(text)} if profile else {}), number, len(text.split()))
        except (ConversationError, TooShort) as error:
            yield Made({"id": name, "error": str(error)}, number, 0)


def _check_letters(text: str) -> None:
    said = text.split()
    lettered = sum(_LETTER.search(word) is not None for word in said)
    if len(said) >= LEAST_WORDS and 2 * lettered < len(said):
        problem = f"{lettered} of {len(said)} words have a letter from a to z"
        raise ConversationError(problem, field="text", mend="give English talk")


def _writable(name: str | int) -> str | int:
    """The id; half a character pair (from a broken `\\u` escape) cannot be written as UTF-8."""
    try:
        str(name).encode("utf-8")
    except UnicodeEncodeError:
        raise ConversationError("holds half a character", field="id", mend="write whole characters") from None
    return name
