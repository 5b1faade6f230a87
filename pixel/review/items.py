"""Items: conversations that are to be judged, each with its rubric and the number of people wanted."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pixel.data.errors import ConversationError
from pixel.data.schema import validate
from pixel.review.accounts import Accounts
from pixel.review.errors import ReviewError
from pixel.review.rubric import Rubric, load_rubric, read_rubric
from pixel.review.said import plain_text

MOST_MESSAGES, LONGEST_MESSAGE = 2_000, 100_000


class Items(Accounts):
    """The part of `ReviewDatabase` that knows conversations."""

    def add_items(
        self,
        rows: Iterable[Mapping[str, Any]],
        *,
        rubric: str | Path = "conversation",
        overlap: int = 3,
        by: str | None = None,
        gate: str | None = None,
    ) -> int:
        """
        Put conversations up for review, all of `rows` or none.

        Args:
            rows: `{"id", "messages": [{"role", "content"}], "speciality"?, "source"?, "licence"?, "readouts"?}` each;
                other keys are left alone. `readouts` has one entry a message, or is left out.
            rubric: name of a shipped one, or the path of a YAML file.
            overlap: how many people are to rate each.
            by: the admin who does it; `None`: whoever holds the file.
            gate: id of the request of a training run that these are part of.

        Returns:
            how many were new. A row whose id is there with the same messages is passed over.

        Raises:
            ReviewError: a row that cannot be used (names its number and id), an id that is there with other messages,
                or an overlap that is no positive number.
        """
        if isinstance(overlap, bool) or not isinstance(overlap, int) or not 1 <= overlap <= 100:
            raise ReviewError("overlap: is no number from 1 to 100. Mend: 3 is usual")
        loaded, added = load_rubric(rubric), 0
        with self._change():
            who = self._admin(by)
            if not self._row("SELECT 1 FROM rubrics WHERE key = ?", loaded.key):
                self._record(who, "rubric_added", key=loaded.key, rubric=loaded.as_json())
            for number, row in enumerate(rows, start=1):
                item = checked_item(row, number)
                there = self._row("SELECT messages FROM items WHERE id = ?", item["id"])
                if there is None:
                    self._record(who, "item_added", **item, rubric=loaded.key, overlap=overlap, gate=gate)
                    added += 1
                elif json.loads(there[0]) != item["messages"]:
                    raise ReviewError(
                        f"row {number}, field 'id': {item['id']} has other messages here. Mend: give another id"
                    )
        return added

    def item(self, item_id: str) -> dict[str, Any] | None:
        """
        `{"id", "messages", "rubric", "speciality", "source", "licence", "readouts", "overlap", "gate"}`, or `None`.
        Holds no ratings. It does not ask who looks: that is for the caller.
        """
        row = self._row(f"SELECT {_COLUMNS} FROM items WHERE id = ?", item_id) if isinstance(item_id, str) else None
        return None if row is None else _item(row) | {"rubric": self._rubric(row[1]).as_json()}

    def _rubric(self, key: str) -> Rubric:
        """A rubric as it was when its items were loaded."""
        cache = self.__dict__.setdefault("_rubrics", {})
        if key not in cache:
            row = self._row("SELECT content FROM rubrics WHERE key = ?", key)
            cache[key] = read_rubric(json.loads(row[0]), key)
        return cache[key]

    def _item_with_rubric(self, item_id: str) -> tuple[dict[str, Any], Rubric]:
        row = None
        if isinstance(item_id, str) and "\0" not in item_id and item_id.isprintable():
            row = self._row(f"SELECT {_COLUMNS} FROM items WHERE id = ?", item_id)
        if row is None:
            raise ReviewError("there is no such item. Mend: ask for the next one")
        return _item(row), self._rubric(row[1])


_COLUMNS = "id, rubric, messages, speciality, source, licence, readouts, overlap, gate"


def checked_item(row: Any, number: int) -> dict[str, Any]:
    """
    A row as it is kept.

    Raises:
        ReviewError: names the row's number, the field and the mend; never what a message says.
    """
    place = f"row {number}"
    if not isinstance(row, Mapping):
        raise ReviewError(f'{place}: is not an object. Mend: write {{"id", "messages"}}')
    id = row.get("id")
    known = isinstance(id, str | int) and not isinstance(id, bool)
    if not known or not 0 < len(str(id)) <= 200 or not str(id).isprintable():
        raise ReviewError(f"{place}, field 'id': is missing or unfit. Mend: give 1 to 200 printable characters")
    id = str(id)
    try:
        validate({"messages": row.get("messages")})
    except ConversationError as error:
        raise ReviewError(str(error.at(row=f"{number} ({id})"))) from None
    messages = [{"role": message["role"], "content": message["content"]} for message in row["messages"]]
    if len(messages) > MOST_MESSAGES:
        raise ReviewError(f"{place}, field 'messages': more than {MOST_MESSAGES}. Mend: cut it into windows")
    for index, message in enumerate(messages):
        plain_text(message["content"], f"{place}, message {index}", LONGEST_MESSAGE)
    readouts = row.get("readouts") or []
    if not isinstance(readouts, list) or len(readouts) not in (0, len(messages)):
        raise ReviewError(f"{place}, field 'readouts': is not one a message. Mend: give {len(messages)} or none")
    try:
        json.dumps(readouts, allow_nan=False)
    except (TypeError, ValueError):
        raise ReviewError(f"{place}, field 'readouts': is not JSON. Mend: give numbers, words, lists") from None
    words = {name: _word(row.get(name), f"{place}, field '{name}'") for name in ("speciality", "source", "licence")}
    speciality = words.pop("speciality")
    return {"id": id, "messages": messages, "readouts": readouts, **words} | {
        "speciality": speciality.strip().lower() if speciality else None
    }


def _word(value: Any, place: str) -> str | None:
    return plain_text(value, place, 200) or None


def _item(row: tuple) -> dict[str, Any]:
    id, rubric, messages, speciality, source, licence, readouts, overlap, gate = row
    return {
        "id": id, "rubric": rubric, "messages": json.loads(messages), "speciality": speciality, "source": source,
        "licence": licence, "readouts": json.loads(readouts), "overlap": overlap, "gate": gate,
    }  # fmt: skip
