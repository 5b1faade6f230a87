"""Raw files in each corpus's format, with sentences made up here."""

import csv
from pathlib import Path

import pytest


@pytest.fixture
def raw(tmp_path):
    """`raw("epitome/explorations.csv", columns, rows)` writes a table below a data root and returns the root."""

    def write(name: str, columns: str, rows: list[tuple], delimiter: str = ",") -> Path:
        path = tmp_path / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerows([columns.split(), *rows])
        return tmp_path / "raw"

    return write


@pytest.fixture
def raw_text(tmp_path):
    """`raw_text("esconv/dialogues.jsonl", text)` writes a file below the same data root and returns the root."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "raw"

    return write


@pytest.fixture
def named():
    """A vector label as a mapping from name to value, unknown names left out."""
    from pixel.models.labels import FIELDS

    def read(field: str, label: list | None) -> dict | None:
        if label is None:
            return None
        return {name: value for name, value in zip(FIELDS[field].names, label, strict=True) if value is not None}

    return read
