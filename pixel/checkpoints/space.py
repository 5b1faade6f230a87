"""Is there room for a checkpoint? Asked before the first byte is written."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from pixel.checkpoints.retention import Retention, look, prune

MARGIN = 1.02
SLACK = 64 * 1024  # folders, logs and the manifest


@dataclass(frozen=True)
class Room:
    """
    Attributes:
        needed: bytes the next checkpoint is expected to take.
        free: bytes there are.
        removed: checkpoints that had to go first.
    """

    needed: int
    free: int
    removed: tuple[str, ...] = ()

    @property
    def enough(self) -> bool:
        """Whether the checkpoint fits."""
        return self.free >= self.needed


def expected_size(output_dir: str | Path, otherwise: int) -> int:
    """
    What the next checkpoint of a run will take.

    Args:
        output_dir: of the run.
        otherwise: bytes of weights and optimizer, for a run without a checkpoint.
    """
    sizes = [verdict.size for verdict in look(output_dir) if verdict.valid]
    return int((sizes[0] if sizes else otherwise) * MARGIN) + SLACK


def make_room(output_dir: str | Path, otherwise: int, keep: Retention) -> Room:
    """
    See whether the next checkpoint fits, and where it does not, prune as much as retention allows.

    Old checkpoints go by the rule first, then one by one down to a single last one; the newest whole one, the best and
    the milestones stay, and where there is no limit nothing goes.
    """
    needed, removed = expected_size(output_dir, otherwise), []
    while (free := free_bytes(output_dir)) < needed:
        gone = prune(output_dir, keep)
        tighter = keep.tightened()
        if not gone and tighter == keep:
            break
        removed += [folder.name for folder in gone]
        keep = tighter
    return Room(needed, free, tuple(removed))


def free_bytes(folder: str | Path) -> int:
    """Bytes this process may still write below a folder, which need not exist yet."""
    folder = Path(folder).absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def readable(size: float) -> str:
    """`1.4 GB`, in powers of ten."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
