"""What the review hands out: people, items to rate, and receipts."""

from dataclasses import dataclass, field
from typing import Any

ROLES = ("reviewer", "adjudicator", "admin")


@dataclass(frozen=True)
class Reviewer:
    """
    An account.

    Attributes:
        name: as it signs in.
        role: one of `ROLES`; an admin may do what an adjudicator may.
        credentials: in the person's own words, such as "clinical psychologist, 12 years".
        specialities: of items that are offered to this person first.
        active: whether it may sign in.
        pseudonym: what stands for the name in exports and disagreements, such as `R03`.
    """

    name: str
    role: str
    credentials: str = ""
    specialities: tuple[str, ...] = ()
    active: bool = True
    pseudonym: str = ""

    @property
    def may_adjudicate(self) -> bool:
        return self.role in ("adjudicator", "admin")


@dataclass(frozen=True)
class Assignment:
    """
    An item that one person holds until it expires.

    Attributes:
        item_id: of the item.
        messages: `{"role", "content"}` each.
        rubric: as JSON, see `Rubric.as_json`.
        token: of the claim; `submit` and `skip` want it back. Useless to anybody else.
        expires: seconds since the epoch.
        position: which of this person's items it is, from 1.
        total: items this person has rated or may still rate, this one included.
        readouts: what the model read, one a message or `None`; empty where the item brought none.
        speciality: of the item, or `None`.
        source: where the conversation is from, or `None`.
    """

    item_id: str
    messages: list[dict[str, str]]
    rubric: dict[str, Any]
    token: str
    expires: float
    position: int
    total: int
    readouts: list[Any] = field(default_factory=list)
    speciality: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class Receipt:
    """
    The word that a rating is kept: it is in the database and on the disk's journal when a caller sees this.

    Attributes:
        item_id, reviewer: whose rating of what.
        number: of the event in the audit trail.
        hash: of that event; it depends on every event before it.
        at: seconds since the epoch.
        revision: 0 for the first rating, one more for each `revise`.
    """

    item_id: str
    reviewer: str
    number: int
    hash: str
    at: float
    revision: int = 0


@dataclass(frozen=True)
class OwnRating:
    """
    What a person said of an item, for looking at again and revising.

    Attributes:
        messages, rubric: as in `Assignment`.
        ratings: dimension -> value or `None` (unsure).
        edits: message number -> the reply as it should have been.
        open: whether it may still be revised (it was not adjudicated).
    """

    item_id: str
    messages: list[dict[str, str]]
    rubric: dict[str, Any]
    ratings: dict[str, int | None]
    comment: str
    missing_context: bool
    edits: dict[int, str]
    at: float
    revision: int
    open: bool
