"""Which checkpoint to go on from: the newest that is whole; those that are not are put aside and named."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from pixel.checkpoints.manifest import Verdict, step_of, verify
from pixel.data.whole_files import write_in_one_step

QUARANTINE = "quarantine"
PARTIAL, REMOVING = ".partial", ".removing"


def checkpoints(output_dir: str | Path) -> list[Path]:
    """The folders `checkpoint-STEP`, newest step first."""
    folders = [path for path in Path(output_dir).glob("checkpoint-*") if path.is_dir() and step_of(path) >= 0]
    return sorted(folders, key=step_of, reverse=True)


def partial_of(output_dir: str | Path, step: int) -> Path:
    """Where a checkpoint is written before it is whole."""
    return Path(output_dir) / f".checkpoint-{step}{PARTIAL}"


def newest_valid(output_dir: str | Path, quarantine: bool = True) -> tuple[Path | None, list[Verdict]]:
    """
    Walk back from the newest checkpoint to one whose every byte is as it was sealed.

    Args:
        output_dir: of a run; it need not exist.
        quarantine: move each broken one met on the way to `OUTPUT/quarantine/NAME`, with `reason.txt`. Where that
            cannot be done (a read-only folder) it stays, and is passed by.

    Returns:
        the newest valid one, or `None`; the verdicts on the broken ones that are newer.
    """
    broken = []
    for folder in checkpoints(output_dir):
        verdict = verify(folder)
        if verdict.valid:
            return folder, broken
        broken.append(verdict)
        if quarantine:
            try:
                verdict.moved = put_aside(folder, Path(output_dir) / QUARANTINE, verdict.problems)
            except OSError as error:
                verdict.problems.append(f"could not be moved to {QUARANTINE} ({error.strerror or error})")
    return None, broken


def put_aside(folder: Path, into: Path, reasons: list[str]) -> Path:
    """
    Move a checkpoint into a folder of others like it, with `reason.txt` where the disk has room for it; none there is
    ever overwritten.

    Returns:
        where it is now.
    """
    into.mkdir(parents=True, exist_ok=True)
    target, number = into / folder.name, 1
    while target.exists():
        number += 1
        target = into / f"{folder.name}.{number}"
    os.replace(folder, target)
    if target.is_dir():
        with suppress(OSError):  # it was moved, and that is what counts
            write_in_one_step(target / "reason.txt", "\n".join(reasons) + "\n")
    return target


def remove(folder: Path) -> None:
    """Remove a checkpoint: out of sight first, so that a kill half-way leaves nothing that looks like one."""
    shutil.rmtree(hide(folder), ignore_errors=True)


def hide(folder: Path) -> Path:
    """Take a checkpoint's name away; what is left, `sweep` removes."""
    hidden = folder.with_name(f".{folder.name}{REMOVING}")
    shutil.rmtree(hidden, ignore_errors=True)
    return folder.rename(hidden)


def sweep(output_dir: str | Path) -> list[str]:
    """
    Remove what a kill left half-written or half-removed. Only where no run is writing.

    Returns:
        the names.
    """
    output_dir = Path(output_dir)
    found = [path for end in (PARTIAL, REMOVING) for path in output_dir.glob(f".checkpoint-*{end}")]
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
    return sorted(path.name for path in found)
