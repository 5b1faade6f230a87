"""From a file of conversations, and what a model read of them, to rows for review. Bad rows never cost good ones."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pixel.data.errors import ConversationError
from pixel.data.json_lines import json_object, json_rows, numbered_lines, row_id
from pixel.review.errors import ReviewError
from pixel.review.items import checked_item


def review_rows(
    file: str | Path, readouts: str | Path | None = None, *, bad: list[str] | None = None
) -> Iterator[dict[str, Any]]:
    """
    Rows for `ReviewDatabase.add_items`.

    Args:
        file: JSON lines, `{"id", "messages", "speciality"?, "source"?, "licence"?}` each. Without a `source`, the
            file's name is taken.
        readouts: JSON lines of `recipes/predict.py`, `{"id", "turns"}` each, joined by id; those of other
            conversations, and those with another number of turns, are left out.
        bad: takes what is wrong with each bad row, and the others go on; `None`: the first bad row ends it.

    Raises:
        ConversationError, ReviewError: no such file; or a bad row, with the file, its line, the field and the mend.
    """
    file, read, seen = Path(file), _readouts(readouts), set()
    for number, line in numbered_lines(file):
        try:
            row = json_object(line)
            row_id(row, "conversation")
            item = checked_item(row | {"source": row.get("source") or file.stem}, number)
            if item["id"] in seen:
                raise ReviewError(f"row {number}, field 'id': stands twice. Mend: give every conversation its own")
        except (ConversationError, ReviewError) as error:
            at = error.at(file=file, row=number) if isinstance(error, ConversationError) else f"file {file}, {error}"
            if bad is None:
                raise (at if isinstance(at, ConversationError) else ReviewError(at)) from None
            bad.append(str(at))
            continue
        seen.add(item["id"])
        turns = read.get(item["id"])
        if turns is not None and len(turns) == len(item["messages"]):
            item["readouts"] = turns
        yield item


def _readouts(file: str | Path | None) -> dict[str, list[Any]]:
    if file is None:
        return {}
    rows = json_rows(file, 'write {"id", "turns"} on each line')
    return {str(row["id"]): row["turns"] for _, row in rows if isinstance(row.get("turns"), list) and "id" in row}
