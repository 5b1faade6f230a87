"""Assignment: who is offered what next. Nobody twice, no item more often than wanted, no seat lost for good."""

import secrets

from pixel.review.errors import ReviewError
from pixel.review.items import Items
from pixel.review.records import Assignment
from pixel.review.said import plain_text

_LEFT = """
    i.overlap - i.rated
    - (SELECT COUNT(*) FROM claims c WHERE c.item = i.id AND c.reviewer <> :name AND c.expires > :now)
"""
OPEN = f"""WITH open AS MATERIALIZED (
    SELECT i.id, i.place, i.speciality, i.gate, {_LEFT} AS seats FROM items i
    WHERE i.decided = 0 AND i.rated < i.overlap
    AND NOT EXISTS (SELECT 1 FROM ratings r WHERE r.item = i.id AND r.reviewer = :name)
    AND NOT EXISTS (SELECT 1 FROM skips s WHERE s.item = i.id AND s.reviewer = :name)
)"""
"""What a person (`:name`) may still rate `:now`, with the seats left at each item; those with none are in it too."""


class Assigning(Items):
    """
    The part of `ReviewDatabase` that hands out items.

    A claim is a seat at an item for a while: ratings and live claims together never outnumber the item's `overlap`.
    One person holds one claim at a time, which keeps the load even: whoever is slow holds up one seat. A claim that
    has expired is still good for as long as nobody else has taken the seat.

    Args:
        claim_seconds: how long a seat is held.
    """

    claim_seconds: float

    def next_item(self, name: str) -> Assignment | None:
        """
        The item that this person is to rate now.

        What it holds already comes back (after a reload or a restart), with a fresh time limit. Else: items of a
        training run that waits, then items of its specialities, then those that ask for none, then the rest; among
        these the one with the fewest seats left, so that items are finished; then in the order in which they came.

        Returns:
            the assignment, or `None`: nothing is left for this person now.

        Raises:
            ReviewError: the account is not active.
        """
        now = self.clock()
        with self._change() as database:
            person = self._active(name)
            values = {"name": person.name, "now": now}
            held = f"""{OPEN} SELECT o.id, (SELECT COUNT(*) FROM open WHERE seats > 0), c.token FROM claims c
                JOIN open o ON o.id = c.item WHERE c.reviewer = :name AND o.seats > 0
                ORDER BY c.expires DESC LIMIT 1"""
            row = None
            if database.execute("SELECT 1 FROM claims WHERE reviewer = ?", (person.name,)).fetchone():
                row = database.execute(held, values).fetchone()
            if row is None:
                database.execute("DELETE FROM claims WHERE reviewer = ?", (person.name,))
                areas = {f"area{n}": area for n, area in enumerate(person.specialities)}
                mine = ", ".join(f":{key}" for key in areas) or "NULL"
                row = database.execute(
                    f"""{OPEN} SELECT id, COUNT(*) OVER (), '' FROM open WHERE seats > 0 ORDER BY gate IS NULL,
                    CASE WHEN speciality IN ({mine}) THEN 0 WHEN speciality IS NULL THEN 1 ELSE 2 END,
                    seats, place LIMIT 1""",
                    values | areas,
                ).fetchone()
            if row is None:
                return None
            item_id, open_items, token = row[0], row[1], row[2] or secrets.token_urlsafe(24)
            expires = now + self.claim_seconds
            claim = (item_id, person.name, token, expires)
            database.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?)", claim)
            rated = database.execute("SELECT COUNT(*) FROM ratings WHERE reviewer = ?", (person.name,)).fetchone()[0]
        item, rubric = self._item_with_rubric(item_id)
        return Assignment(
            item_id=item_id,
            messages=item["messages"],
            rubric=rubric.as_json(),
            token=token,
            expires=expires,
            position=rated + 1,
            total=rated + open_items,
            readouts=item["readouts"],
            speciality=item["speciality"],
            source=item["source"],
        )

    def skip(self, name: str, item_id: str, token: str, reason: str = "") -> None:
        """
        Give an item back. It is not offered to this person again, and its seat is free at once.

        Raises:
            ReviewError: not this person's item (or not any more).
        """
        reason = plain_text(reason, "reason", 2_000).strip()
        with self._change():
            person = self._active(name)
            if self._claim(person.name, item_id, token) is None:
                raise ReviewError("this item is not held by you. Mend: ask for the next one")
            self._record(person.name, "skipped", item=item_id, reason=reason)

    def _claim(self, name: str, item_id: str, token: str) -> float | None:
        """When the claim with this token expires, or `None` where there is none."""
        if not isinstance(item_id, str) or not isinstance(token, str):
            return None
        row = self._row("SELECT token, expires FROM claims WHERE item = ? AND reviewer = ?", item_id, name)
        same = row is not None and secrets.compare_digest(row[0].encode(), token.encode("utf-8", "replace"))
        return row[1] if same else None

    def _seat_is_free(self, name: str, item_id: str) -> bool:
        """Whether a rating by this person would still find a seat."""
        values = {"name": name, "now": self.clock(), "item": item_id}
        with self._lock:
            query = f"SELECT {_LEFT} > 0 FROM items i WHERE i.id = :item"
            row = self._database.execute(query, values).fetchone()
        return bool(row and row[0])
