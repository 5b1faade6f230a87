"""Dataset folders on disk: one parquet file a split, written in batches, put in place only when complete."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixel.data.schema import features

if TYPE_CHECKING:
    from datasets import DatasetDict

BATCH = 2000
ORDER = ("train", "validation", "test")


class ParquetSplits:
    """
    Writes conversations to `folder/SPLIT-00000-of-00001.parquet`, a batch at a time, so that a corpus never lies in
    memory whole. A context manager: files are complete when it closes without an error.
    """

    def __init__(self, folder: Path):
        folder.mkdir()
        self.folder, self.schema = folder, features().arrow_schema
        self.writers: dict[str, Any] = {}
        self.batches: dict[str, list[Mapping[str, Any]]] = {}

    def write(self, split: str, row: Mapping[str, Any]) -> None:
        """Add one conversation to a split."""
        batch = self.batches.setdefault(split, [])
        batch.append(row)
        if len(batch) == BATCH:
            self._flush(split)

    def _flush(self, split: str) -> None:
        from pyarrow import Table
        from pyarrow.parquet import ParquetWriter

        if split not in self.writers:
            self.writers[split] = ParquetWriter(self.folder / f"{split}-00000-of-00001.parquet", self.schema)
        self.writers[split].write_table(Table.from_pylist(self.batches[split], schema=self.schema))
        self.batches[split] = []

    def __enter__(self) -> "ParquetSplits":
        return self

    def __exit__(self, failure, *_) -> None:
        for split, batch in self.batches.items():
            if batch and failure is None:
                self._flush(split)
        for writer in self.writers.values():
            writer.close()


def load_folder(folder: Path, cache_dir: Path | str | None = None) -> "DatasetDict":
    """
    The splits of a folder with `data/SPLIT-*.parquet` (one file a split or several, in the order of their names),
    memory-mapped through an Arrow copy in `cache_dir`.
    """
    from datasets import Dataset, DatasetDict

    files: dict[str, list[str]] = {}
    for path in sorted((folder / "data").glob("*.parquet")):
        files.setdefault(path.name.split("-")[0], []).append(str(path))
    order = sorted(files, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
    cache = None if cache_dir is None else str(cache_dir)
    return DatasetDict({name: Dataset.from_parquet(files[name], split=name, cache_dir=cache) for name in order})


def put_in_place(finished: Path, target: Path, *, keep: bool = False) -> None:
    """
    Rename a finished folder to its target.

    Args:
        finished: complete folder beside the target.
        target: where it goes. What stands there is removed only after the new one stands, or with `keep` stays:
            another process was first with the same content.
    """
    old = finished.with_name(f"{finished.name}-old")
    if target.exists() and not keep:
        target.rename(old)
    try:
        finished.rename(target)  # fails on a folder that is not empty
    except OSError:
        if not (keep and target.is_dir()):
            raise
    shutil.rmtree(old, ignore_errors=True)
