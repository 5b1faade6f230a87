"""What files hold, as a hash: read once, and again only where a file was touched."""

import hashlib
import json
import time
from collections.abc import Iterable
from glob import glob
from pathlib import Path

from pixel.data.whole_files import write_in_one_step

LEFT_OUT = {"__pycache__", ".git", ".cache"}


def files_of(pattern: str) -> list[Path]:
    """
    The files that a path or pattern stands for, sorted: a folder stands for all below it.

    `__pycache__`, `.git` and `.cache` are passed over, and so is what is being written (`*.partial`, `*.lock`).
    """
    found = []
    for path in map(Path, sorted(glob(pattern, recursive=True)) if not Path(pattern).exists() else [pattern]):
        below = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [one for one in below if one.is_file() and not LEFT_OUT & set(one.relative_to(path).parts)]
    return [one for one in found if one.suffix not in (".partial", ".lock", ".pyc")]


class Hashes:
    """
    Hashes of files, remembered with size, time and number of the file on its disk.

    A file that was written less than two seconds before it was read is not remembered: it may be written again within
    one tick of its clock.

    Args:
        file: where they are kept from run to run; what cannot be read there is forgotten.
    """

    def __init__(self, file: Path | None = None):
        self.file = file
        try:
            self.known: dict[str, list] = json.loads(file.read_bytes()) if file is not None else {}
        except (OSError, ValueError):
            self.known = {}

    def of_file(self, path: Path) -> str:
        """sha256 of one file."""
        stat = path.stat()
        seen = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
        before = self.known.get(str(path))
        if before is not None and before[:3] == seen:
            return before[3]
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if time.time_ns() - stat.st_mtime_ns > 2_000_000_000:
            self.known[str(path)] = [*seen, found]
        return found

    def of(self, pattern: str) -> str:
        """One hash for all files that a path or pattern stands for, with their names; `""` where there is none."""
        files = files_of(pattern)
        if not files:
            return ""
        whole = hashlib.sha256()
        for path in files:
            whole.update(f"{path.as_posix()}\0{self.of_file(path)}\n".encode())
        return whole.hexdigest()

    def of_all(self, patterns: Iterable[str]) -> dict[str, str]:
        """Pattern -> hash."""
        return {pattern: self.of(pattern) for pattern in patterns}

    def keep(self) -> None:
        """Write them down, as far as the disk lets."""
        if self.file is not None:
            try:
                write_in_one_step(self.file, json.dumps(self.known))
            except OSError:
                pass
