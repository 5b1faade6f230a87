"""The rows of an export: corrections, preferences, labels for the heads, and the ratings themselves."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pixel.data.deidentify import deidentify
from pixel.data.schema import conversation
from pixel.review.consensus import consensus
from pixel.review.rubric import Rubric

if TYPE_CHECKING:
    from pixel.review.standing import Standing

ENOUGH = 2
"""Sure ratings that a label for a head needs, where nobody adjudicated."""


@dataclass(frozen=True)
class ExportedItem:
    """
    An item with all that was said of it, de-identified.

    Attributes:
        said: `(pseudonym, rating, revision, day)` each; the edits' keys are message numbers.
        outcome: its consensus.
        adjudicator: pseudonym and rating of whoever decided, or `None`.
    """

    id: str
    messages: list[dict[str, str]]
    rubric: Rubric
    source: str | None
    licence: str | None
    said: list[tuple[str, dict[str, Any], int, str]]
    outcome: dict[str, Any]
    adjudicator: tuple[str, dict[str, Any]] | None

    def provenance(self, **more: Any) -> dict[str, Any]:
        """Where a row is from."""
        return {"item": self.id, "source": self.source, "licence": self.licence, "rubric": self.rubric.key, **more}


def exported_items(database: "Standing") -> list[ExportedItem]:
    """Every item that somebody has rated."""
    kept = []
    with database._lock:  # one moment of the whole database; what takes long comes after
        pseudonyms = {person.name: person.pseudonym for person in database.reviewers()}
        ids = database._rows(
            "SELECT id FROM items i WHERE EXISTS (SELECT 1 FROM ratings r WHERE r.item = i.id) ORDER BY place"
        )
        for (id,) in ids:
            item, rubric = database._item_with_rubric(id)
            rows = database._rows(
                """SELECT r.reviewer, r.said, r.revision, e.at FROM ratings r JOIN events e ON e.number = r.event
                JOIN reviewers p ON p.name = r.reviewer WHERE r.item = ? ORDER BY p.rowid""",
                id,
            )
            row = database._row("SELECT reviewer, said FROM adjudications WHERE item = ?", id)
            kept.append((item, rubric, rows, row))
    names, found = list(pseudonyms), []
    for item, rubric, rows, row in kept:
        said = [(pseudonyms[who], _clean(json.loads(one), names), rev, _day(at)) for who, one, rev, at in rows]
        decided = (pseudonyms[row[0]], _clean(json.loads(row[1]), names)) if row else None
        messages = [one | {"content": deidentify(one["content"], names)} for one in item["messages"]]
        outcome = consensus(rubric, [one for _, one, _, _ in said], decided[1] if decided else None)
        place = (item["id"], messages, rubric, item["source"], item["licence"])
        found.append(ExportedItem(*place, said, outcome, decided))
    return found


def sft_rows(items: Sequence[ExportedItem]) -> Iterator[dict[str, Any]]:
    """
    Corrected replies as rows of Pixel's schema: the conversation up to the reply as it should have been, which alone
    is learnt. Loads with `pixel.data.files.load_conversations`; rows of one item share a `group`.
    """
    for item in items:
        for who, said, _, _ in item.said:
            for number, text in said["edits"].items():
                row = _schema_row(
                    item,
                    [*item.messages[:number], {"role": "assistant", "content": text}],
                    f"{item.id}:{number}:{who}",
                    learn=[False] * number + [True],
                )
                yield row | {"provenance": item.provenance(reviewer=who, message=number)}


def preference_rows(items: Sequence[ExportedItem]) -> Iterator[dict[str, Any]]:
    """
    Corrected against original replies: `{"prompt", "chosen", "rejected", "provenance"}`, as TRL's trainers read. A
    reply that nothing stands before has no prompt, and two that only differed in what was de-identified prefer
    nothing: neither is a row.
    """
    for item in items:
        for who, said, _, _ in item.said:
            for number, text in said["edits"].items():
                if number == 0 or text.strip() == item.messages[number]["content"].strip():
                    continue
                yield {
                    "prompt": item.messages[:number],
                    "chosen": [{"role": "assistant", "content": text}],
                    "rejected": [item.messages[number]],
                    "provenance": item.provenance(reviewer=who, message=number),
                }


def label_rows(items: Sequence[ExportedItem]) -> Iterator[dict[str, Any]]:
    """
    Labels for the heads, as rows of Pixel's schema: for each question whose rubric names a head (`trains`), what the
    ratings come to, scaled to [0, 1], on every reply of the conversation. It needs `ENOUGH` sure ratings or an
    adjudicator; an item of which half the raters lacked context gives no label.
    """
    for item in items:
        if item.outcome["missing_context"] * 2 >= len(item.said) and item.adjudicator is None:
            continue
        labels: dict[str, list] = {}
        for dimension in item.rubric.dimensions:
            found = item.outcome["dimensions"][dimension.id]
            enough = found["how"] == "adjudicated" or found["n"] >= ENOUGH
            if dimension.trains is None or found["value"] is None or not enough:
                continue
            worst, best = dimension.values[0], dimension.values[-1]
            value = (found["value"] - worst) / (best - worst)
            field, _, name = dimension.trains.partition(".")
            per_turn = labels.setdefault(field, [None] * len(item.messages))
            for number, message in enumerate(item.messages):
                if message["role"] == "assistant":
                    per_turn[number] = (per_turn[number] or {}) | {name: value} if name else value
        if labels:
            row = _schema_row(item, item.messages, item.id, learn=False, **labels)
            yield row | {"provenance": item.provenance(raters=[who for who, *_ in item.said])}


def rating_rows(items: Sequence[ExportedItem]) -> Iterator[dict[str, Any]]:
    """Each rating as it stands, adjudicators' too, with what the item's ratings come to. No messages."""
    for item in items:
        outcome = {name: one["value"] for name, one in item.outcome["dimensions"].items()}
        shared = {"veto": item.outcome["veto"], "consensus": outcome, "provenance": item.provenance()}
        for who, said, revision, day in item.said:
            yield {"item": item.id, "reviewer": who, "kind": "rating", **_keys_as_text(said)} | {
                "revision": revision, "day": day, **shared,
            }  # fmt: skip
        if item.adjudicator is not None:
            who, said = item.adjudicator
            yield {"item": item.id, "reviewer": who, "kind": "adjudication", **_keys_as_text(said)} | {
                "revision": 0, "day": None, **shared,
            }  # fmt: skip


def _schema_row(item: ExportedItem, messages: list[dict[str, str]], id: str, **labels: Any) -> dict[str, Any]:
    source, licence = f"review:{item.source or 'unknown'}", item.licence or "unknown"
    row = conversation(messages, id=id, source=source, licence=licence, group=item.id, **labels)
    return {name: value for name, value in row.items() if value is not None}


def _clean(said: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    edits = {int(number): deidentify(text, names) for number, text in said["edits"].items()}
    return said | {"comment": deidentify(said["comment"], names), "edits": edits}


def _keys_as_text(said: dict[str, Any]) -> dict[str, Any]:
    return said | {"edits": {str(number): text for number, text in said["edits"].items()}}


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
