"""Export: what reviewers taught, de-identified, as files that training reads and a dataset that the Hub shows."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixel.review.errors import ReviewError
from pixel.review.export_card import export_card
from pixel.review.export_rows import exported_items, label_rows, preference_rows, rating_rows, sft_rows

if TYPE_CHECKING:
    from datasets import DatasetDict

    from pixel.review.standing import Standing

KINDS = {"sft": sft_rows, "preferences": preference_rows, "labels": label_rows, "ratings": rating_rows}


def write_export(database: "Standing", folder: str | Path) -> dict[str, Path]:
    """
    Write `sft.jsonl` (corrected replies), `preferences.jsonl` (corrected against original), `labels.jsonl` (schema
    rows for the heads), `ratings.jsonl` and the card `README.md`. Each file appears whole or not at all.

    Messages, edits and comments go through `pixel.data.deidentify`, with the accounts' names; people appear under
    their pseudonyms. What rules cannot see stays: see the card.

    Returns:
        `sft`, `preferences`, `labels`, `ratings`, `card` -> file.

    Raises:
        ReviewError: the folder cannot be written to.
    """
    folder, items = Path(folder), exported_items(database)
    rows = {kind: list(make(items)) for kind, make in KINDS.items()}
    card = export_card(rows, database.agreement(), database.progress())
    files = {kind: folder / f"{kind}.jsonl" for kind in KINDS} | {"card": folder / "README.md"}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind in KINDS:
            _write(files[kind], "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows[kind]))
        _write(files["card"], card)
    except OSError as error:
        raise ReviewError(f"{folder}: {error.strerror}. Mend: name a folder that can be written to") from None
    return files


def load_export(folder: str | Path) -> "DatasetDict":
    """
    An export as a `DatasetDict`, one split a kind; kinds without rows are left out.

    Raises:
        ReviewError: no export there, or one without rows.
    """
    from datasets import Dataset, DatasetDict

    folder, found = Path(folder), {}
    for kind in KINDS:
        file = folder / f"{kind}.jsonl"
        if not file.is_file():
            raise ReviewError(f"{file}: there is none. Mend: export first")
        rows = [_flat(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
        if rows:
            found[kind] = Dataset.from_list(rows)
    if not found:
        raise ReviewError(f"{folder}: nothing was rated yet. Mend: export again when there are ratings")
    return DatasetDict(found)


def push_export(folder: str | Path, repo_id: str, *, private: bool = True, **options: Any) -> str:
    """
    Push an export to the Hub as a dataset, private unless told otherwise.

    Returns:
        the dataset's address.

    Raises:
        ReviewError: nothing to push. PushError: see `pixel.hub.push_folder`.
    """
    from pixel.hub import push_folder

    load_export(folder)
    return push_folder(folder, repo_id, "dataset", private=private, message="Expert review", **options)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings with changing keys as JSON text, so that every row of a dataset has the same columns."""
    loose = ("ratings", "edits", "consensus")
    return {name: json.dumps(value) if name in loose else value for name, value in row.items()}


def _write(file: Path, text: str) -> None:
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, file)
