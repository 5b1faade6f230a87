"""A JSON-lines file that is written piece by piece, goes on after an interruption, and appears only when complete."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def fingerprint(file: str | Path) -> str:
    """SHA-256 of a file's bytes."""
    with Path(file).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def model_fingerprint(name: str, revision: str | None = None) -> str:
    """
    Says whether a model is the same as before without reading its weights: of a folder, the configuration's and
    tokenizer's bytes, and every weight file's name, size and time of change; of a Hub id, the revision.
    """
    folder, digest = Path(name), hashlib.sha256(f"{name} {revision}".encode())
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if file.suffix in (".json", ".jinja"):
            digest.update(f"{file.name} {fingerprint(file)}".encode())
        elif file.suffix == ".safetensors":
            status = file.stat()
            digest.update(f"{file.name} {status.st_size} {status.st_mtime_ns}".encode())
    return digest.hexdigest()


class ResumableLines:
    """
    Lines are appended to `OUTPUT.partial`; `OUTPUT.partial.json` beside it says what they are made from. `finish`
    moves them to `OUTPUT` in one step, so a reader never sees half a file.

    Args:
        output: the file to make. Its folder is made if it is not there.
        made_from: what the lines depend on (JSON values). Lines of an earlier, interrupted run are kept if they were
            made from the same; otherwise they are dropped.
        step: lines are kept in multiples of it, so that what is made together is made together again.

    Attributes:
        done: lines already there.
        dropped: whether lines were there that were made from something else.
    """

    def __init__(self, output: str | Path, made_from: dict[str, Any], step: int = 1):
        self.output = Path(output)
        self.partial = self.output.with_name(f"{self.output.name}.partial")
        self.origin = self.output.with_name(f"{self.output.name}.partial.json")
        self.output.parent.mkdir(parents=True, exist_ok=True)
        same = self._origin() == json.loads(json.dumps(made_from))
        self.dropped = self.partial.exists() and not same
        self.done = self._keep_whole_lines(step) if same and self.partial.exists() else 0
        if not same:
            self.partial.unlink(missing_ok=True)  # first, so that old lines never stand beside the new origin
            self.origin.write_text(json.dumps(made_from), encoding="utf-8")
        self._stream = self.partial.open("a", encoding="utf-8")

    def _origin(self) -> dict[str, Any] | None:
        try:
            return json.loads(self.origin.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _keep_whole_lines(self, step: int) -> int:
        """Cut off a last line (or step) that was not written to its end; returns how many lines are left."""
        ends = [0]
        with self.partial.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    ends.append(ends[-1] + len(line))
        count = (len(ends) - 1) // step * step
        os.truncate(self.partial, ends[count])
        return count

    def write(self, rows: Iterable[dict[str, Any]]) -> None:
        """Append rows; after this they survive the process."""
        for row in rows:
            self._stream.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Stop for now; a later run goes on from here."""
        self._stream.close()

    def finish(self) -> Path:
        """The lines are complete: put them in place."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        os.replace(self.partial, self.output)
        self.origin.unlink(missing_ok=True)
        return self.output
