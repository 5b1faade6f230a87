"""Standing: how far the review has come, how far people agree, and what their ratings come to."""

import json
from collections import defaultdict
from typing import Any

from pixel.review.agreement import agreement
from pixel.review.assignment import OPEN
from pixel.review.consensus import consensus, differing
from pixel.review.ratings import Rating
from pixel.review.rubric import Rubric


class Standing(Rating):
    """The part of `ReviewDatabase` that counts."""

    def progress(self, name: str | None = None) -> dict[str, Any]:
        """
        How far one person, or the whole review, has come.

        Args:
            name: of a person, or `None` for all.

        Returns:
            of a person `{"rated", "skipped", "open", "total"}`; of all `{"items", "finished", "ratings", "wanted",
            "adjudicated", "disagreements", "missing_context", "live_claims", "reviewers": [{"name", "pseudonym",
            "role", "active", "rated", "open_claims"}]}`. An item is finished when it has all its ratings, was
            adjudicated, or belongs to a training run that has its verdict.

        Raises:
            ReviewError: the account is not active.
        """
        now = self.clock()
        if name is not None:
            person = self._active(name)
            rated = self._count("ratings WHERE reviewer = ?", person.name)
            with self._lock:
                query = f"{OPEN} SELECT COUNT(*) FROM open WHERE seats > 0"
                left = self._database.execute(query, {"name": person.name, "now": now}).fetchone()[0]
            skipped = self._count("skips WHERE reviewer = ?", person.name)
            return {"rated": rated, "skipped": skipped, "open": left, "total": rated + left}
        finished = "items WHERE rated >= overlap OR decided = 1"
        people = self._rows(
            """SELECT p.name, p.pseudonym, p.role, p.active,
            (SELECT COUNT(*) FROM ratings r WHERE r.reviewer = p.name),
            (SELECT COUNT(*) FROM claims c WHERE c.reviewer = p.name AND c.expires > ?) FROM reviewers p
            ORDER BY p.rowid""",
            now,
        )
        names = ("name", "pseudonym", "role", "active", "rated", "open_claims")
        return {
            "items": self._count("items"),
            "finished": self._count(finished),
            "ratings": self._count("ratings"),
            "wanted": self._row("SELECT COALESCE(SUM(overlap), 0) FROM items")[0],
            "adjudicated": self._count("adjudications"),
            "disagreements": len(self._disagreeing()),
            "missing_context": self._count("ratings WHERE json_extract(said, '$.missing_context')"),
            "live_claims": self._count("claims WHERE expires > ?", now),
            "reviewers": [dict(zip(names, row, strict=True)) | {"active": bool(row[3])} for row in people],
        }

    def agreement(self, resamples: int = 500) -> dict[str, dict[str, Any]]:
        """
        For each question of the rubrics in use: `{"alpha", "low", "high", "n", "raters", "reason"}` (see
        `pixel.review.agreement`), from ratings as they were given, before adjudication. Where two rubrics ask under
        the same id, the key is `RUBRIC.ID`; where a rubric's scale was changed, values of the two scales are not put
        together, and the key is `RUBRIC.ID (1, 2, 3)`.
        """
        questions: dict[tuple[str, str, tuple[int, ...]], list] = {}
        for rubric, ratings in self._rated_items():
            for dimension in rubric.dimensions:
                values = {who: said["ratings"][dimension.id] for who, said in ratings.items()}
                questions.setdefault((rubric.name, dimension.id, dimension.values), []).append(values)
        ids, named = [id for _, id, _ in questions], [(name, id) for name, id, _ in questions]
        found = {}
        for (name, id, scale), values in questions.items():
            key = id if ids.count(id) == 1 else f"{name}.{id}"
            if named.count((name, id)) > 1:
                key += f" ({', '.join(map(str, scale))})"
            found[key] = agreement(values, resamples)
        return found

    def consensus(self, item_id: str) -> dict[str, Any]:
        """
        What the ratings of an item come to, with its id: see `pixel.review.consensus`.

        Raises:
            ReviewError: there is no such item.
        """
        _, rubric = self._item_with_rubric(item_id)
        row = self._row("SELECT said FROM adjudications WHERE item = ?", item_id)
        found = consensus(rubric, list(self._said(item_id).values()), json.loads(row[0]) if row else None)
        return {"item_id": item_id} | found

    def _said(self, item_id: str) -> dict[str, dict[str, Any]]:
        """Pseudonym -> rating, of one item."""
        rows = self._rows(
            """SELECT p.pseudonym, r.said FROM ratings r JOIN reviewers p ON p.name = r.reviewer WHERE r.item = ?
            ORDER BY p.rowid""",
            item_id,
        )
        return {who: json.loads(said) for who, said in rows}

    def _rated_items(self) -> list[tuple[Rubric, dict[str, dict[str, Any]]]]:
        """Rubric, and pseudonym -> rating, of every item that has ratings."""
        rows = self._rows(
            """SELECT i.id, i.rubric, p.pseudonym, r.said FROM ratings r JOIN items i ON i.id = r.item
            JOIN reviewers p ON p.name = r.reviewer ORDER BY i.place, p.rowid"""
        )
        ratings: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
        for item_id, rubric, who, said in rows:
            ratings[item_id, rubric][who] = json.loads(said)
        return [(self._rubric(rubric), of_item) for (_, rubric), of_item in ratings.items()]

    def _disagreeing(self, without: str | None = None) -> list[str]:
        """Ids of items that have all their ratings, that nobody has decided, and on which people are apart."""
        rows = self._rows(
            """SELECT i.id, i.rubric, r.said FROM ratings r JOIN items i ON i.id = r.item
            WHERE NOT EXISTS (SELECT 1 FROM adjudications a WHERE a.item = i.id)
            AND i.rated >= i.overlap
            AND NOT EXISTS (SELECT 1 FROM ratings o WHERE o.item = i.id AND o.reviewer = ?) ORDER BY i.place""",
            without or "",
        )
        said: dict[tuple[str, str], list] = defaultdict(list)
        for item_id, rubric, one in rows:
            said[item_id, rubric].append(json.loads(one))
        return [item_id for (item_id, rubric), all_of_it in said.items() if differing(self._rubric(rubric), all_of_it)]

    def _count(self, what: str, *values: Any) -> int:
        return self._row(f"SELECT COUNT(*) FROM {what}", *values)[0]
