"""A version of a model as its evaluation left it: `results.json` and `items/*.jsonl`, read strictly."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pixel.data.errors import ConversationError
from pixel.data.json_lines import json_rows

MEND = "write the folder with recipes/evaluate.py"
Key = tuple[str, str]
"""Task and metric."""


@dataclass(frozen=True)
class Version:
    """
    One evaluated model.

    Attributes:
        name: of the folder; versions of one comparison have different names.
        path: the folder.
        results: `results.json` as it stands.
        rows: row of each task and metric.
        items: for each task and metric, item id -> (value, group). An item that occurs more than once has the mean of
            its values.
        repeats: for each task and metric, how many lines repeated an id.
    """

    name: str
    path: Path
    results: Mapping[str, Any]
    rows: dict[Key, dict[str, Any]]
    items: dict[Key, dict[str, tuple[float, str | None]]]
    repeats: dict[Key, int] = field(default_factory=dict)


def read_version(folder: str | Path, name: str | None = None) -> Version:
    """
    Read what `recipes/evaluate.py` wrote.

    Args:
        folder: with `results.json` and, where tasks have items, `items/TASK.jsonl`.
        name: shown in the comparison (default: the folder's own).

    Raises:
        ConversationError: no `results.json`, not JSON, a row without task or metric, or an item whose value is not a
            finite number; with file and line.
    """
    folder = Path(folder)
    file = folder / "results.json"
    if not file.is_file():
        raise ConversationError("there is no results.json", file=folder, mend=MEND)
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ConversationError(f"is not JSON ({type(error).__name__})", file=file, mend=MEND) from None
    if not isinstance(results, dict) or not isinstance(results.get("results"), list):
        raise ConversationError("has no list of results", file=file, field="results", mend=MEND)
    rows = {}
    for number, row in enumerate(results["results"]):
        if not isinstance(row, dict) or not row.get("task") or not row.get("metric"):
            raise ConversationError("needs a task and a metric", file=file, row=number, mend=MEND)
        rows[row["task"], row["metric"]] = row
    items, repeats = _items(folder / "items")
    return Version(name or folder.resolve().name, folder, results, rows, items, repeats)


def _items(folder: Path) -> tuple[dict[Key, dict[str, tuple[float, str | None]]], dict[Key, int]]:
    found: dict[Key, dict[str, list]] = {}
    repeats: dict[Key, int] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in json_rows(file, MEND):
            value = line.get("value")
            if value is None:
                continue  # the item had no value, as a row's null
            if not isinstance(value, (int, float)) or not math.isfinite(value):
                raise ConversationError("is not a finite number", file=file, row=number, field="value", mend=MEND)
            if "id" not in line or "metric" not in line:
                raise ConversationError("needs an id and a metric", file=file, row=number, mend=MEND)
            key = (str(line.get("task") or file.stem), str(line["metric"]))
            group = line.get("group")
            kept = found.setdefault(key, {}).setdefault(
                str(line["id"]), [0.0, 0, None if group is None else str(group)]
            )
            kept[0], kept[1] = kept[0] + float(value), kept[1] + 1
            if kept[1] > 1:
                repeats[key] = repeats.get(key, 0) + 1
    means = {
        key: {name: (total / count, group) for name, (total, count, group) in lines.items()}
        for key, lines in found.items()
    }
    return means, repeats
