"""Rows of a differential's input: JSON lines of texts or findings, and YAML of vignettes with their truth."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pixel.clinical.differential.findings import Picture, parse_picture
from pixel.clinical.differential.made_vignettes import Vignette
from pixel.data.json_lines import json_rows
from pixel.knowledge.errors import KnowledgeError
from pixel.knowledge.loading import Knowledge
from pixel.knowledge.yaml_files import read_yaml


class Row(NamedTuple):
    """`text` or `picture`, the other is `None`."""

    id: str
    text: str | None
    picture: Picture | None


def read_rows(file: str | Path, base: Knowledge) -> Iterator[Row]:
    """
    Rows of `{"id", "text"}` or `{"id", "findings", ...}`, one a line.

    Raises:
        ConversationError: names the file, the line (from 1), the field and the mend.
    """
    path = Path(file)
    for number, row in json_rows(path, mend='write {"id": ..., "text": ...}'):
        place = {"file": path, "row": number}
        id, text = str(row.get("id", number)), row.get("text")
        if "findings" in row:
            yield Row(id, None, parse_picture(row, base, **place))
        elif isinstance(text, str) and text.strip():
            yield Row(id, text, None)
        else:
            raise KnowledgeError("is missing or no text", **place, field="text", mend="give text or findings")


def read_vignettes(file: str | Path, base: Knowledge) -> Iterator[Vignette]:
    """
    Vignettes of `{id, text, categories}` from YAML; their `picture` is `None`.

    Raises:
        KnowledgeError: no such file, no text, or a category that does not exist.
    """
    path = Path(file)
    content = read_yaml(path)
    for number, item in enumerate(content if isinstance(content, list) else [content]):
        place = {"file": path, "row": item.get("id", number) if isinstance(item, dict) else number}
        if not isinstance(item, dict) or not isinstance(item.get("text"), str):
            raise KnowledgeError("is missing or no text", **place, field="text", mend="write {id, text, categories}")
        names = item.get("categories")
        if not isinstance(names, list) or not names:
            raise KnowledgeError("are missing", **place, field="categories", mend="name what is true of it")
        if unknown := [name for name in names if name not in base.categories]:
            raise KnowledgeError(
                f"there is no {unknown[0]!r}", **place, field="categories", mend="use a category's id"
            )
        yield Vignette(item["text"], None, tuple(names))
