"""What a page sends: one JSON object an answer, read strictly, since anybody signed in can send anything."""

import json
from dataclasses import dataclass, field
from typing import Any

from pixel.review import ReviewError

COMMENT = 10_000  # characters of a comment
EDIT = 20_000  # characters of one rewritten reply
EDITS = 50  # rewritten replies of a conversation
ID = 200  # characters of an item's id or a claim's token
FIELDS = {"ratings", "comment", "missing_context", "edits"}


@dataclass(frozen=True)
class Answer:
    """
    A filled-in form.

    Attributes:
        ratings: dimension -> value, or `None` for "cannot tell".
        comment: free words.
        missing_context: whether the conversation lacks what a judgement needs.
        edits: message number -> the reply as it should have been.
    """

    ratings: dict[str, int | None]
    comment: str = ""
    missing_context: bool = False
    edits: dict[int, str] = field(default_factory=dict)


def read_answer(text: Any) -> Answer:
    """
    An `Answer` from what the page sent.

    Raises:
        ReviewError: it is not such an object, or something in it is too long; nothing of the text is repeated.

    Example:
        >>> read_answer('{"ratings": {"empathy": 4, "safety": null}, "edits": {"3": "I see."}}')
        Answer(ratings={'empathy': 4, 'safety': None}, comment='', missing_context=False, edits={3: 'I see.'})
    """
    try:
        content = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not set(content) <= FIELDS:
        raise ReviewError("The answer could not be read. Load the page again and rate once more.")
    ratings = content.get("ratings", {})
    if not isinstance(ratings, dict) or len(ratings) > 50 or not all(_is_rating(value) for value in ratings.values()):
        raise ReviewError("A rating is not one of the values of its scale.")
    missing = content.get("missing_context", False)
    if not isinstance(missing, bool):
        raise ReviewError("The mark for missing context must be yes or no.")
    return Answer(dict(ratings), read_comment(content.get("comment", "")), missing, _edits(content.get("edits", {})))


def read_comment(text: Any) -> str:
    """
    A comment of at most `COMMENT` characters.

    Raises:
        ReviewError: longer, or not text.
    """
    if not isinstance(text, str):
        raise ReviewError("A comment must be text.")
    if len(text) > COMMENT:
        raise ReviewError(f"The comment has {len(text):,} characters; at most {COMMENT:,} are taken. Shorten it.")
    return text.replace("\x00", "")


def read_id(text: Any) -> str:
    """
    An id or a token, as a page sends it.

    Raises:
        ReviewError: empty, too long, or not text.
    """
    if not isinstance(text, str) or not text or len(text) > ID or "\x00" in text:
        raise ReviewError("No such item. Load the page again.")
    return text


def _is_rating(value: Any) -> bool:
    return value is None or (type(value) is int and abs(value) < 1000)


def _edits(content: Any) -> dict[int, str]:
    if not isinstance(content, dict) or len(content) > EDITS:
        raise ReviewError(f"At most {EDITS} replies can be rewritten at once.")
    edits = {}
    for place, words in content.items():
        if not (place.isascii() and place.isdigit() and len(place) < 5) or not isinstance(words, str):
            raise ReviewError("A rewritten reply names no message of this conversation.")
        if len(words) > EDIT:
            raise ReviewError(f"A rewritten reply has {len(words):,} characters; at most {EDIT:,} are taken.")
        edits[int(place)] = words.replace("\x00", "")
    return edits
