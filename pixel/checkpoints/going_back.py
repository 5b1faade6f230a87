"""Going back to an earlier checkpoint: later ones are moved away, so that the run goes on from there."""

import json
from pathlib import Path
from typing import Any

from pixel.checkpoints.errors import CheckpointError
from pixel.checkpoints.manifest import require_valid, step_of
from pixel.checkpoints.newest import checkpoints, put_aside
from pixel.checkpoints.progress import FINISHED
from pixel.data.whole_files import write_in_one_step

ROLLED_BACK = "rolled_back"
REQUEST = "rollback.json"


def roll_back(output_dir: str | Path, to: int, why: str = "asked") -> list[Path]:
    """
    Move every checkpoint after a step, and `finished.json`, into `OUTPUT/rolled_back`. Only where no run is writing.

    Args:
        output_dir: of a run that has stopped.
        to: step of the checkpoint to go on from.
        why: noted beside what was moved.

    Returns:
        what was moved, where it is now.

    Raises:
        CheckpointError: no whole checkpoint of that step.
    """
    output_dir = Path(output_dir)
    known = [step_of(folder) for folder in checkpoints(output_dir)]
    if to not in known:
        there = ", ".join(map(str, known)) or "none"
        raise CheckpointError(f"{output_dir}: there is no checkpoint-{to}", f"choose one that is there: {there}")
    require_valid(output_dir / f"checkpoint-{to}")
    into, reason = output_dir / ROLLED_BACK, [f"rolled back to step {to}: {why}"]
    later = [folder for folder in checkpoints(output_dir) if step_of(folder) > to]
    moved = [put_aside(folder, into, reason) for folder in later]  # newest first: a kill leaves an unbroken row
    if (output_dir / FINISHED).exists():
        moved.append(put_aside(output_dir / FINISHED, into, reason))
    return moved


def ask_to_roll_back(output_dir: str | Path, to: int, why: str) -> Path:
    """
    Leave word that the run must go on from an earlier checkpoint: a run that is going ends after its step, and the
    next start rolls back before it looks for a checkpoint.

    Returns:
        the file with the request.

    Raises:
        CheckpointError: no whole checkpoint of that step.
    """
    require_valid(Path(output_dir) / f"checkpoint-{to}")
    return write_in_one_step(Path(output_dir) / REQUEST, json.dumps({"to": to, "why": why}) + "\n")


def rollback_asked(output_dir: str | Path) -> bool:
    """Whether there is such a word."""
    return (Path(output_dir) / REQUEST).exists()


def roll_back_if_asked(output_dir: str | Path) -> dict[str, Any] | None:
    """
    Do what `ask_to_roll_back` asked for, and forget it.

    Returns:
        the request, with what was moved as `moved`, or `None`.

    Raises:
        CheckpointError: the request cannot be read, or its checkpoint is gone or broken.
    """
    file = Path(output_dir) / REQUEST
    if not file.exists():
        return None
    try:
        request = json.loads(file.read_bytes())
        to, why = int(request["to"]), str(request["why"])
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{file}: not a request to roll back", f"remove {file}") from error
    try:
        moved = roll_back(output_dir, to, why)
    except CheckpointError as error:
        raise CheckpointError(f"{file}: {error.problem}", f"remove {file} to go on from the newest") from error
    file.unlink()
    return {"to": to, "why": why, "moved": [path.name for path in moved]}
