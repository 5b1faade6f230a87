"""Which training runs, evaluations and models there are under one folder."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DEEPEST = 4
SKIPPED = {"items", "tasks", "cache", "retrieval"}


class Runs:
    """
    The folders below a root, found anew at every look. A name is the folder's path below the root; whoever asks for a
    name that was not found gets nothing, wherever it points.

    Args:
        root: searched four levels deep; links that lead outside are not followed.
    """

    def __init__(self, root: str | Path):
        self.root = Path(root).resolve()

    def evaluations(self) -> dict[str, Path]:
        """Folders with a `results.json`, oldest first."""
        return self._with("results.json")

    def trainings(self) -> dict[str, Path]:
        """Folders with a training report, oldest first."""
        return self._with("report.json")

    def models(self) -> dict[str, Path]:
        """Folders with a Pixel model, oldest first."""
        found = self._with("model.safetensors") | self._with("model.safetensors.index.json")
        return {name: path for name, path in found.items() if (path / "configuration_pixel.py").is_file()}

    def results(self, name: str) -> dict[str, Any] | None:
        """An evaluation's `results.json`."""
        return _json(self.evaluations().get(name), "results.json")

    def report(self, name: str) -> dict[str, Any] | None:
        """A training run's `report.json`."""
        return _json(self.trainings().get(name), "report.json")

    def _with(self, file: str) -> dict[str, Path]:
        folders = [folder for folder in self._folders(self.root, 0) if (folder / file).is_file()]
        folders.sort(key=lambda folder: (folder / file).stat().st_mtime)
        return {str(folder.relative_to(self.root)) if folder != self.root else ".": folder for folder in folders}

    def _folders(self, folder: Path, depth: int) -> Iterator[Path]:
        yield folder
        if depth == DEEPEST:
            return
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            return
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith((".", "checkpoint-")):
                if entry.name not in SKIPPED:
                    yield from self._folders(Path(entry.path), depth + 1)


def _json(folder: Path | None, file: str) -> dict[str, Any] | None:
    if folder is None:
        return None
    try:
        content = json.loads((folder / file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
