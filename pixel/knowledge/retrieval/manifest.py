"""What an index consists of, with the SHA-256 of every file; written last, so that a half-made index is none."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pixel.knowledge.retrieval.errors import RetrievalError

NAME = "manifest.json"
VERSION = 1
REBUILD = "build it again with recipes/index.py build"


@dataclass
class Manifest:
    """
    Args:
        shards: `{"name", "rows", "kind"}` of each, in order.
        size: dimensions of the vectors.
        probe: the encoder's embedding of a fixed sentence, by which another encoder is noticed.
        fusion: the weights, see `Fusion`.
        files: path inside the index -> SHA-256.
    """

    shards: list[dict[str, Any]]
    size: int
    probe: list[float]
    fusion: dict[str, float]
    files: dict[str, str] = field(default_factory=dict)
    version: int = VERSION

    def write(self, folder: Path) -> None:
        """Put it in place in one step; from then on the index is this one."""
        partial = folder / f"{NAME}.partial"
        with partial.open("w", encoding="utf-8") as stream:
            json.dump(asdict(self), stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, folder / NAME)

    @classmethod
    def read(cls, folder: str | Path) -> "Manifest":
        """
        Raises:
            RetrievalError: no index there, an unfinished one, a damaged manifest, or one of another version.
        """
        file = Path(folder) / NAME
        if not file.is_file():
            raise RetrievalError("holds no finished index", file=folder, mend=REBUILD)
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
            version = record["version"]
            if version != VERSION:
                raise RetrievalError(f"is of version {version}, not {VERSION}", file=file, mend=REBUILD)
            return cls(**record)
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, RetrievalError):
                raise
            raise RetrievalError("is damaged", file=file, mend=REBUILD) from None


def hashes(folder: Path, shard: str) -> dict[str, str]:
    """SHA-256 of every file of a shard, by its path inside the index."""
    found = sorted(path for path in (folder / shard).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path) for path in found}


def check(folder: str | Path, manifest: Manifest | None = None, progress: bool = False) -> list[str]:
    """
    Compare every file with the manifest.

    Returns:
        what is wrong, a line each; empty if all is well.

    Raises:
        RetrievalError: there is no manifest that can be read.
    """
    from tqdm.auto import tqdm

    folder, manifest = Path(folder), manifest or Manifest.read(folder)
    problems = []
    for name, expected in tqdm(manifest.files.items(), desc="Integrity", disable=not progress):
        path = folder / name
        if not path.is_file():
            problems.append(f"{name}: missing")
        elif sha256(path) != expected:
            problems.append(f"{name}: corrupted (its SHA-256 is not the manifest's)")
    return problems


def require(folder: Path, problems: Iterable[str]) -> None:
    """Raise `RetrievalError` with the first problem, if there is one."""
    problems = list(problems)
    if problems:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise RetrievalError(problems[0] + more, file=folder, mend=f"restore the file, or {REBUILD}")


def sha256(file: Path) -> str:
    """SHA-256 of a file's bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
