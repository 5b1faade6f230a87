"""What a person says of an item, checked: values on the scale, text of a bearable length, edits of replies only."""

from collections.abc import Mapping, Sequence
from typing import Any

from pixel.review.errors import ReviewError
from pixel.review.rubric import Rubric

LONGEST_COMMENT, LONGEST_EDIT = 10_000, 20_000


def plain_text(text: Any, name: str, longest: int) -> str:
    """
    A string that a database and JSON can hold.

    Raises:
        ReviewError: no string, longer than `longest` characters, a NUL, or half a character. Says nothing of it.
    """
    if text is None:
        return ""
    if not isinstance(text, str):
        raise ReviewError(f"{name}: is no text. Mend: write words")
    if len(text) > longest:
        raise ReviewError(f"{name}: has {len(text)} characters, {longest} at most. Mend: shorten it")
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ReviewError(f"{name}: holds a character that is none. Mend: paste it as plain text")
    return text


def checked(
    rubric: Rubric,
    messages: Sequence[Mapping[str, str]],
    ratings: Mapping[str, int | None],
    comment: str = "",
    missing_context: bool = False,
    edits: Mapping[int, str] | None = None,
) -> dict[str, Any]:
    """
    A rating as it is kept: `{"ratings", "comment", "missing_context", "edits"}`, edits under the message's number as
    text. An edit that changes nothing is left out.

    Raises:
        ReviewError: a dimension is missing or unknown, a value is not on its scale, an edit is not of a reply.
    """
    if not isinstance(ratings, Mapping):
        raise ReviewError("ratings: give a value for every question. Mend: answer them")
    unknown = [name for name in ratings if name not in rubric.ids]
    if unknown:
        raise ReviewError(f"ratings: {len(unknown)} of them are not in the rubric. Mend: reload the page")
    values: dict[str, int | None] = {}
    for dimension in rubric.dimensions:
        value = ratings.get(dimension.id)
        if value is None:
            if dimension.id not in ratings:
                raise ReviewError(f"{dimension.id}: is not answered. Mend: choose a value")
            if not dimension.allows_unsure:
                raise ReviewError(f"{dimension.id}: unsure is not possible here. Mend: choose a value")
        elif isinstance(value, bool) or not isinstance(value, int) or value not in dimension.values:
            known = ", ".join(map(str, dimension.values))
            raise ReviewError(f"{dimension.id}: the value is not on the scale. Mend: use one of {known}")
        values[dimension.id] = value
    if not isinstance(missing_context, bool):
        raise ReviewError("missing_context: is neither yes nor no. Mend: tick or clear it")
    return {
        "ratings": values,
        "comment": plain_text(comment, "comment", LONGEST_COMMENT).strip(),
        "missing_context": missing_context,
        "edits": _edits(messages, edits or {}),
    }


def _edits(messages: Sequence[Mapping[str, str]], edits: Mapping[int, str]) -> dict[str, str]:
    if not isinstance(edits, Mapping):
        raise ReviewError("edits: give the message's number and the new text. Mend: reload the page")
    kept = {}
    for number, text in edits.items():
        if isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 6:
            number = int(number)
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(messages):
            raise ReviewError("edits: there is no such message. Mend: reload the page")
        if messages[number]["role"] != "assistant":
            raise ReviewError(f"edits: message {number} is no reply of the model. Mend: edit replies only")
        text = plain_text(text, f"edit of message {number}", LONGEST_EDIT).strip()
        if not text:
            raise ReviewError(f"edits: message {number} would be empty. Mend: write a reply or leave it as it is")
        if text != messages[number]["content"].strip():
            kept[str(number)] = text
    return kept
