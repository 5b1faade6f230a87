"""Ratings: each person's word on an item, once, with a receipt, open to correction until somebody has decided."""

import json
from collections.abc import Mapping
from typing import Any

from pixel.review.assignment import Assigning
from pixel.review.errors import ReviewError
from pixel.review.records import OwnRating, Receipt
from pixel.review.said import checked


class Rating(Assigning):
    """The part of `ReviewDatabase` that takes ratings."""

    def submit(
        self,
        name: str,
        item_id: str,
        token: str,
        ratings: Mapping[str, int | None],
        *,
        comment: str = "",
        missing_context: bool = False,
        edits: Mapping[int, str] | None = None,
    ) -> Receipt:
        """
        Keep a rating. It is in the database and in the journal on the disk when this returns.

        The same call again (a second click, an answer that was lost on the way) returns the same receipt.

        Args:
            name: who rates.
            item_id, token: of the assignment.
            ratings: dimension -> value on its scale; `None` where unsure is allowed.
            comment: at most 10,000 characters.
            missing_context: the item cannot be judged fairly from what is there.
            edits: message number -> the reply as it should have been; replies of the assistant only.

        Raises:
            ReviewError: a value that cannot be, an item that is not this person's, a claim that has expired and whose
                seat was taken, or another rating by this person.
        """
        with self._change():
            person = self._active(name)
            item, rubric = self._item_with_rubric(item_id)
            said = checked(rubric, item["messages"], ratings, comment, missing_context, edits)
            there = self._row("SELECT said FROM ratings WHERE item = ? AND reviewer = ?", item_id, person.name)
            if there is not None:
                if json.loads(there[0]) != said:
                    raise ReviewError("you have rated this item already. Mend: revise that rating")
                return self._receipt(item_id, person.name)
            if self._claim(person.name, item_id, token) is None:
                raise ReviewError("this item is not held by you. Mend: ask for the next one")
            if self._row("SELECT 1 FROM adjudications WHERE item = ?", item_id):
                raise ReviewError("this item was decided in the meantime. Mend: ask for the next one")
            if not self._seat_is_free(person.name, item_id):
                raise ReviewError("your time for this item is over and others took it. Mend: ask for the next one")
            self._record(person.name, "rated", item=item_id, said=said)
            self._after_rating(item)
        return self._receipt(item_id, person.name)

    def revise(
        self,
        name: str,
        item_id: str,
        ratings: Mapping[str, int | None],
        *,
        comment: str = "",
        missing_context: bool = False,
        edits: Mapping[int, str] | None = None,
    ) -> Receipt:
        """
        Put another rating in the place of one's own; the earlier one stays in the audit trail.

        Raises:
            ReviewError: nothing to revise, decided by an adjudicator, or a value that cannot be.
        """
        with self._change():
            person = self._active(name)
            item, rubric = self._item_with_rubric(item_id)
            there = self._row("SELECT said FROM ratings WHERE item = ? AND reviewer = ?", item_id, person.name)
            if there is None:
                raise ReviewError("you have not rated this item. Mend: ask for the next one")
            if self._row("SELECT 1 FROM adjudications WHERE item = ?", item_id):
                raise ReviewError("this item was decided; its ratings stay. Mend: tell the adjudicator")
            said = checked(rubric, item["messages"], ratings, comment, missing_context, edits)
            if json.loads(there[0]) != said:
                self._record(person.name, "revised", item=item_id, said=said)
                self._after_rating(item)
        return self._receipt(item_id, person.name)

    def own_ratings(self, name: str) -> list[OwnRating]:
        """
        What this person has said, newest first.

        Raises:
            ReviewError: the account is not active.
        """
        person = self._active(name)
        rows = self._rows(
            """SELECT r.item, r.said, r.revision, e.at, a.item IS NULL
            FROM ratings r JOIN events e ON e.number = r.event LEFT JOIN adjudications a ON a.item = r.item
            WHERE r.reviewer = ? ORDER BY r.event DESC""",
            person.name,
        )
        found = []
        for item_id, said, revision, at, still_open in rows:
            item, rubric = self._item_with_rubric(item_id)
            said = json.loads(said)
            edits = {int(number): text for number, text in said.pop("edits").items()}
            place = {"item_id": item_id, "messages": item["messages"], "rubric": rubric.as_json(), "edits": edits}
            found.append(OwnRating(**place, **said, at=at, revision=revision, open=bool(still_open)))
        return found

    def _receipt(self, item_id: str, name: str) -> Receipt:
        number, hash, at, revision = self._row(
            """SELECT e.number, e.hash, e.at, r.revision FROM ratings r JOIN events e ON e.number = r.event
            WHERE r.item = ? AND r.reviewer = ?""",
            item_id,
            name,
        )
        return Receipt(item_id, name, number, hash, at, revision)

    def _after_rating(self, item: Mapping[str, Any]) -> None:
        """Called inside the change, for whoever waits for ratings."""
