"""A file of JSON lines a rank."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class RankFile:
    """
    `FOLDER/rankN.jsonl`, appended to and flushed line by line; a resumed run goes on in the same file.

    A disk that is full or gone is said once, and nothing is written from then on.

    Args:
        folder: made with the first line.
        rank: of this process.
        on: whether to write at all.
    """

    def __init__(self, folder: Path, rank: int, on: bool = True):
        self.path, self.on = folder / f"rank{rank}.jsonl", on

    def write(self, entry: Mapping[str, Any]) -> None:
        """One line; numbers that JSON does not know are left out, one level deep."""
        if not self.on:
            return
        kept = {name: _finite(value) if isinstance(value, Mapping) else value for name, value in entry.items()}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(_finite(kept)) + "\n")
        except OSError as error:
            self.on = False
            print(f"{self.path} cannot be written and the run goes on without: {error}", flush=True)


def _finite(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if not isinstance(value, float) or math.isfinite(value)}
