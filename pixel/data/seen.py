"""Which conversations a model was trained on, as hashes, so that an evaluation can leave them out."""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

FILE = "seen_rows.safetensors"
LONG = 40
"""From this many characters a message is taken for one person's own: shorter ones are said by many."""


class SeenRows:
    """
    64-bit hashes of training conversations, and of each of their messages of 40 characters or more.

    A conversation counts as seen where it, or one such message of it, was trained on: another reply to the same post
    is no new post. Case, spaces and Unicode forms do not matter. The hashes do not give texts away, but whoever holds
    a text can ask whether it was trained on.

    Args:
        marks: uint64 `[any]`.

    Example:
        >>> row = {"messages": [{"role": "user", "content": "Hello there"}]}
        >>> SeenRows.of([row]).seen(row), SeenRows.of([]).seen(row)
        (True, False)
    """

    def __init__(self, marks: Iterable[int] | np.ndarray = ()):
        self.marks = np.unique(np.fromiter(marks, dtype=np.uint64))

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> "SeenRows":
        """Of conversations of the schema."""
        return cls(mark for row in rows for mark in _marks(row))

    @classmethod
    def load(cls, folder: str | Path) -> "SeenRows | None":
        """
        Those a model folder names, or `None` where it names none.

        Raises:
            ValueError: the file is damaged.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        file = Path(folder) / FILE
        if not file.is_file():
            return None
        try:
            return cls(load_file(file)["marks"])
        except (SafetensorError, KeyError, OSError) as error:
            raise ValueError(f"{file}: cannot be read ({error}). Mend: train again, or remove the file") from None

    def save(self, folder: str | Path) -> Path:
        """Write them beside a model's weights."""
        from safetensors.numpy import save_file

        file = Path(folder) / FILE
        save_file({"marks": self.marks}, file)
        file.chmod(0o644)
        return file

    def seen(self, row: Mapping[str, Any]) -> bool:
        """Whether this conversation, or a long message of it, is among them."""
        marks = np.fromiter(_marks(row), dtype=np.uint64)
        first, last = np.searchsorted(self.marks, marks), np.searchsorted(self.marks, marks, side="right")
        return bool((first < last).any())

    def __or__(self, other: "SeenRows") -> "SeenRows":
        return SeenRows(np.concatenate([self.marks, other.marks]))

    def __len__(self) -> int:
        return len(self.marks)


def _marks(row: Mapping[str, Any]) -> Iterable[int]:
    texts = [_plain(message["content"]) for message in row["messages"] if message["role"] != "system"]
    yield _hash("\n".join(texts))
    yield from (_hash(text) for text in texts if len(text) >= LONG)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")
