"""Conversations from files: JSON lines, parquet, a saved dataset, or the Hub."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixel.data.encoding import encode_label
from pixel.data.errors import ConversationError
from pixel.data.schema import COLUMNS, validate
from pixel.models.labels import FIELDS

if TYPE_CHECKING:
    from datasets import DatasetDict


def read_jsonl(file: str | Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """
    Rows of a JSON-lines file, each checked against the schema.

    Yields:
        (line number from 1, row).

    Raises:
        ConversationError: no such file, a line that is not a JSON object, or a bad conversation; names file and line.
    """
    path = Path(file)
    if not path.is_file():
        raise ConversationError("file not found", file=path, mend="check the path")
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise ConversationError(f"is not JSON ({error.msg})", file=path, row=number, mend="fix line") from None
            if not isinstance(row, dict):
                raise ConversationError("is not a JSON object", file=path, row=number, mend="write {...} on each line")
            validate(row, file=path, number=number)
            yield number, row


def load_conversations(name: str, validation: float = 0.1, seed: int = 0) -> "DatasetDict":
    """
    Conversations in Pixel's schema.

    Args:
        name: a `.jsonl` or `.parquet` file, a folder that a builder or `save_to_disk` wrote, or a Hub dataset id.
        validation, seed: the group-safe split, where the data comes without one.

    Raises:
        ConversationError: not found, or without a `messages` column.
    """
    from datasets import Dataset, DatasetDict, load_dataset, load_from_disk

    from pixel.data.parquet import load_folder
    from pixel.data.schema import features
    from pixel.data.splits import group_split

    path = Path(name)
    try:
        if path.suffix == ".jsonl":
            rows = [{"id": str(number), "source": path.stem, **row} for number, row in read_jsonl(path)]
            rows = [{**dict.fromkeys(COLUMNS), **row, "group": row.get("group") or row["id"]} for row in rows]
            data = Dataset.from_list([_encoded(row) for row in rows], features=features())
        elif path.suffix == ".parquet":
            data = load_dataset("parquet", data_files=str(path), split="train")
        elif (path / "state.json").is_file() or (path / "dataset_dict.json").is_file():
            data = load_from_disk(str(path))
        elif any(path.glob("data/*.parquet")):
            # By file: `load_dataset` may keep an older build of a folder with a card.
            data = load_folder(path)
        else:
            data = load_dataset(name)
    except ConversationError:
        raise
    except Exception as error:  # datasets and the Hub raise many kinds
        problem = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ConversationError(
            f"cannot be loaded ({problem})", file=name, mend="name a file, folder or Hub id"
        ) from error
    splits = data if isinstance(data, DatasetDict) else {"train": data}
    for split in splits.values():
        if "messages" not in split.column_names:
            raise ConversationError("is missing", file=name, field="messages", mend="see pixel.data.schema.features()")
    if "train" in splits and "validation" not in splits and validation > 0 and "group" in splits["train"].column_names:
        return DatasetDict({**splits, **group_split(splits["train"], validation, seed)})
    return DatasetDict(splits)


def _encoded(row: dict[str, Any]) -> dict[str, Any]:
    """The schema's columns of a checked row, labels as numbers."""
    labels = {name: [encode_label(name, label) for label in row[name]] for name in FIELDS if row[name] is not None}
    return {name: row[name] for name in COLUMNS} | labels
