"""Which recordings a run is about."""

import hashlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

from pixel.voice.sources.recordings import Recording, list_recordings


def recordings(source: Path, output: Path, shard: tuple[int, int] | None = None) -> dict[str, Recording]:
    """
    Args:
        source: a folder or one recording.
        output: what lies in it is no recording, unless the source is in it too (downloads).
        shard: `(i, n)`, i from 1 to n: only these.

    Returns:
        by printable name, in order. Bytes of a name that are not UTF-8 are written as `\\xff`.
    """
    output, root = output.resolve(), source.resolve()
    own = () if root.is_relative_to(output) else (output,)
    found = {
        printable(recording.file): recording
        for recording in list_recordings(source)
        if not any(recording.path.resolve().is_relative_to(folder) for folder in own)
    }
    return {file: found[file] for file in sorted(found) if shard is None or shard_of(file, shard[1]) == shard[0]}


def printable(file: str) -> str:
    """A file name that UTF-8 can say."""
    return os.fsencode(file).decode("utf-8", "backslashreplace")


def shard_of(file: str, shards: int) -> int:
    """1 to `shards`; a recording stays in its shard whatever comes beside it."""
    return int.from_bytes(hashlib.sha256(file.encode()).digest()[:8]) % shards + 1


def parse_shard(text: str) -> tuple[int, int]:
    """
    Example:
        >>> parse_shard("2/8")
        (2, 8)
    """
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise ValueError(f"{text!r} is no shard. Mend: I/N with I from 1 to N, e.g. 2/8")
    return int(found[1]), int(found[2])


def rows(found: dict[str, Recording]) -> Iterable[tuple[str, int | None, int | None, str | None, str]]:
    """For `Manifest.set_files`. What is wrong without opening a file is looked at in every run anew: no size."""
    for file, recording in found.items():
        facts = json.dumps(recording.facts)
        try:
            status = recording.path.stat()
        except OSError as error:
            yield file, None, None, f"cannot be read: {error.strerror}", facts
            continue
        if status.st_size == 0:
            yield file, None, None, "empty (0 bytes)", facts
        elif not os.access(recording.path, os.R_OK):
            yield file, None, None, "cannot be read: Permission denied", facts
        else:
            yield file, status.st_size, status.st_mtime_ns, None, facts
