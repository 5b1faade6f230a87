"""Events: everything that ever changed, in one chain in which each entry's hash rests on all before it."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from pixel.review.errors import ReviewError

START = "0" * 64
"""What the first event takes for the hash before it."""


@dataclass(frozen=True)
class Event:
    """
    One change.

    Attributes:
        number: from 1, without gaps.
        at: seconds since the epoch.
        who: the account, or "" for the command line and the policy of a gate.
        kind: such as `rated`; see `pixel.review.tables`.
        content: JSON object; all that is needed to do the change again.
        previous: hash of the event before.
        hash: of all of the above.
    """

    number: int
    at: float
    who: str
    kind: str
    content: dict[str, Any]
    previous: str
    hash: str

    def line(self) -> bytes:
        """As a line of the journal."""
        return _canonical(self.__dict__) + b"\n"


def next_event(last: Event | None, at: float, who: str, kind: str, content: dict[str, Any]) -> Event:
    """The event that follows `last`."""
    number, previous = (last.number + 1, last.hash) if last is not None else (1, START)
    content = json.loads(_canonical(content))  # as it will be read back: keys are strings, tuples are lists
    at = float(at)  # as the database gives it back
    return Event(number, at, who, kind, content, previous, _hash(number, at, who, kind, content, previous))


def read_event(line: bytes) -> Event:
    """
    An event from a line of the journal.

    Raises:
        ValueError: not JSON, or not an event.
    """
    entry = json.loads(line.decode("utf-8"))
    if not isinstance(entry, dict) or set(entry) != set(Event.__dataclass_fields__):
        raise ValueError("not an event")
    return Event(**entry)


def check_link(event: Event, last: Event | None, place: str) -> None:
    """
    Check that an event is itself unchanged and follows `last`.

    Raises:
        ReviewError: it does not; names `place` and the number.
    """
    number, previous = (last.number + 1, last.hash) if last is not None else (1, START)
    told = _hash(event.number, event.at, event.who, event.kind, event.content, event.previous)
    if event.number != number or event.previous != previous or event.hash != told:
        raise ReviewError(
            f"{place}: event {event.number} does not follow event {number - 1}: it was changed, or one is missing. "
            "Mend: put an unchanged copy in its place"
        )


def _hash(*parts: Any) -> str:
    return hashlib.sha256(_canonical(parts)).hexdigest()


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")
