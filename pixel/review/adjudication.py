"""Adjudication: an experienced person decides where raters are apart, blind to who they are."""

import json
from collections.abc import Mapping
from typing import Any

from pixel.review.consensus import differing
from pixel.review.errors import ReviewError
from pixel.review.records import Receipt
from pixel.review.said import checked
from pixel.review.standing import Standing


class Adjudicating(Standing):
    """The part of `ReviewDatabase` that settles disagreements."""

    def open_disagreements(self, name: str) -> list[dict[str, Any]]:
        """
        Items that have all their ratings and on which raters are two steps or a veto apart, oldest first; none that
        this person has rated.

        Returns:
            `{"item_id", "messages", "rubric", "dimensions": ids that differ, "ratings": [{"reviewer": pseudonym,
            "ratings", "comment", "missing_context", "edits"}]}` each.

        Raises:
            ReviewError: neither adjudicator nor admin.
        """
        person, found = self._adjudicator(name), []
        for item_id in self._disagreeing(without=person.name):
            item, rubric = self._item_with_rubric(item_id)
            said = self._said(item_id)
            ratings = [{"reviewer": who, **one} for who, one in said.items()]
            for one in ratings:
                one["edits"] = {int(number): text for number, text in one["edits"].items()}
            found.append(
                {"item_id": item_id, "messages": item["messages"], "rubric": rubric.as_json()}
                | {"dimensions": differing(rubric, list(said.values())), "ratings": ratings}
            )
        return found

    def adjudicate(self, name: str, item_id: str, ratings: Mapping[str, int | None], comment: str = "") -> Receipt:
        """
        Decide an item. Its ratings stay as they are and can no longer be revised; the same call again returns the
        same receipt.

        Raises:
            ReviewError: neither adjudicator nor admin, one of its raters, fewer than two ratings, decided already, or
                a value that cannot be.
        """
        with self._change():
            person = self._adjudicator(name)
            item, rubric = self._item_with_rubric(item_id)
            said = checked(rubric, item["messages"], ratings, comment)
            there = self._row(
                """SELECT a.reviewer, a.said, e.number, e.hash, e.at FROM adjudications a
                JOIN events e ON e.number = a.event WHERE a.item = ?""",
                item_id,
            )
            if there is not None:
                if there[0] != person.name or json.loads(there[1]) != said:
                    raise ReviewError("this item is decided. Mend: see its consensus")
                return Receipt(item_id, person.name, *there[2:])
            if self._row("SELECT 1 FROM ratings WHERE item = ? AND reviewer = ?", item_id, person.name):
                raise ReviewError("you are one of this item's raters. Mend: let another adjudicator decide")
            if self._count("ratings WHERE item = ?", item_id) < 2:
                raise ReviewError("this item has fewer than two ratings. Mend: wait for them")
            event = self._record(person.name, "adjudicated", item=item_id, said=said)
            self._after_rating(item)
        return Receipt(item_id, person.name, event.number, event.hash, event.at)
