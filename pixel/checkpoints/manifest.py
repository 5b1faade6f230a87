"""The list of a checkpoint's files with their hashes, written last: a folder without it was never finished."""

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pixel.checkpoints.errors import CheckpointError
from pixel.data.whole_files import write_in_one_step

MANIFEST = "manifest.json"
VERSION = 1
_AT_ONCE = max(1, min(8, os.cpu_count() or 1))  # files hashed side by side; hashing leaves other threads alone


@dataclass
class Verdict:
    """
    What was found in a checkpoint folder.

    Attributes:
        folder: the checkpoint.
        step: what its manifest says, else its name; -1 where neither does.
        problems: one line each, empty where every byte is as it was sealed.
        size: bytes of all files that the manifest names.
        facts: what was said of the checkpoint when it was sealed: world size, sharding, metric, ...
        moved: where it is now, if it was put aside.
    """

    folder: Path
    step: int
    problems: list[str] = field(default_factory=list)
    size: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    moved: Path | None = None

    @property
    def valid(self) -> bool:
        """Whether the checkpoint may be used."""
        return not self.problems


def step_of(folder: str | Path) -> int:
    """The step in the name `checkpoint-STEP`; -1 for another name."""
    head, _, step = Path(folder).name.rpartition("-")
    return int(step) if head == "checkpoint" and step.isascii() and step.isdigit() else -1


def seal(folder: Path, step: int, facts: Mapping[str, Any] | None = None) -> None:
    """
    Push every file to the disk, hash it, and write the manifest last.

    Args:
        folder: a checkpoint whose files are all there.
        step: optimizer steps it was taken after.
        facts: more to know without opening it; JSON.

    Raises:
        CheckpointError: a link or another thing that is not a plain file.
        OSError: the disk.
    """
    folder = Path(folder)
    (folder / MANIFEST).unlink(missing_ok=True)
    files, odd = _files(folder)
    if odd:
        raise CheckpointError(f"{folder}: {odd[0]} is not a plain file", "copy what it points to into the checkpoint")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        hashes = list(pool.map(lambda name: _digest(folder / name, sync=True), files))
    content = {
        "version": VERSION,
        "step": step,
        "facts": dict(facts or {}),
        "files": {name: {"sha256": sha, "size": size} for name, (sha, size) in zip(files, hashes, strict=True)},
    }
    write_in_one_step(folder / MANIFEST, _text(content))
    for path in [*(path for path in folder.rglob("*") if path.is_dir()), folder]:
        sync_folder(path)


def verify(folder: Path, hashes: bool = True) -> Verdict:
    """
    Compare a folder with its manifest.

    Args:
        folder: a checkpoint.
        hashes: also read every byte; without, only names and sizes (for lists, not before use).

    Returns:
        the verdict; a file that is missing, extra, shorter, longer or changed, and a manifest that is missing, edited
        or cannot be read, are problems.
    """
    folder = Path(folder)
    verdict = Verdict(folder, step_of(folder))
    content = _read(folder, verdict)
    if content is None:
        return verdict
    files, odd = _files(folder)
    there, known = set(files), content["files"]
    named = verdict.step
    verdict.step, verdict.facts = content["step"], content["facts"]
    verdict.size = sum(entry["size"] for entry in known.values())
    if named not in (-1, content["step"]):
        verdict.problems.append(f"the folder is named for step {named} and holds step {content['step']}")
    verdict.problems += [f"{name}: missing" for name in sorted(set(known) - there)]
    verdict.problems += [
        f"{name}: not in the manifest" for name in sorted((there - set(known) - {MANIFEST}) | set(odd))
    ]
    for name in sorted(set(known) & there):
        size = (folder / name).stat().st_size
        if size != known[name]["size"]:
            verdict.problems.append(f"{name}: {size} bytes, sealed with {known[name]['size']}")
            there.remove(name)
    if hashes:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = pool.map(lambda name: _changed(folder, name, known[name]), sorted(set(known) & there))
            verdict.problems += [problem for problem in found if problem]
    return verdict


def require_valid(folder: str | Path) -> Verdict:
    """
    The verdict on a folder that must be whole.

    Raises:
        CheckpointError: it is not there, or broken; with what is wrong.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CheckpointError(f"{folder}: no such checkpoint", "name a checkpoint-* folder, or auto for the newest")
    verdict = verify(folder)
    if not verdict.valid:
        more = f" and {len(verdict.problems) - 1} more" if len(verdict.problems) > 1 else ""
        mend = "take another checkpoint, or auto for the newest that is whole"
        if not (folder / MANIFEST).exists():
            mend += f"; if you trust it: python recipes/checkpoints.py seal --checkpoint {folder}"
        raise CheckpointError(f"{folder}: {verdict.problems[0]}{more}", mend)
    return verdict


def sync_folder(folder: Path) -> None:
    """Push a folder's list of names to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _text(content: dict[str, Any]) -> str:
    """The one way to write a manifest, with its own hash: any other byte is an edit."""
    body = json.dumps(content, indent=1, sort_keys=True)
    own = hashlib.sha256(body.encode()).hexdigest()
    return json.dumps(content | {"sha256": own}, indent=1, sort_keys=True) + "\n"


def _read(folder: Path, verdict: Verdict) -> dict[str, Any] | None:
    """A manifest that is to the byte what `seal` wrote, or `None` with the problem noted."""
    file = folder / MANIFEST
    try:
        raw = file.read_bytes()
    except OSError as error:
        verdict.problems.append(f"no {MANIFEST}" if isinstance(error, FileNotFoundError) else f"{MANIFEST}: {error}")
        return None
    try:
        content = json.loads(raw)
        content.pop("sha256")
        intact = _text(content).encode() == raw
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        intact = False
    if not intact:
        verdict.problems.append(f"{MANIFEST}: edited, cut or unreadable")
        return None
    if content.get("version") != VERSION:
        verdict.problems.append(f"{MANIFEST}: version {content.get('version')}, this Pixel reads {VERSION}")
        return None
    return content


def _files(folder: Path) -> tuple[list[str], list[str]]:
    """Names of plain files but the manifest, and of what is neither a plain file nor a folder."""
    plain, odd = [], []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            odd.append(name)
        elif path.is_file() and name != MANIFEST:
            plain.append(name)
    return plain, odd


def _digest(file: Path, sync: bool = False) -> tuple[str, int]:
    """Hash and size, read in pieces; with `sync`, what was written is pushed to the disk first."""
    with file.open("rb") as stream:
        if sync:
            os.fsync(stream.fileno())
        return hashlib.file_digest(stream, "sha256").hexdigest(), stream.tell()


def _changed(folder: Path, name: str, entry: Mapping[str, Any]) -> str | None:
    try:
        return None if _digest(folder / name)[0] == entry["sha256"] else f"{name}: changed since it was sealed"
    except OSError as error:
        return f"{name}: cannot be read ({error.strerror or error})"
