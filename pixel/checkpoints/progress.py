"""How far a run has come, from what it left on disk: the only thing a supervisor believes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixel.checkpoints.manifest import verify
from pixel.checkpoints.newest import checkpoints

FINISHED = "finished.json"


@dataclass(frozen=True)
class Progress:
    """
    Attributes:
        step: optimizer steps that would not be lost now.
        max_steps: of the run, `None` before its first checkpoint.
        finished: the trained model was written, and training is over.
    """

    step: int
    max_steps: int | None
    finished: bool


def progress(output_dir: str | Path) -> Progress:
    """
    Read how far a run has come.

    From `finished.json`, which `recipes/train.py` writes after the model folder, else from the newest checkpoint that
    has all its files in full length (bytes are compared when a run goes on from it, see `newest_valid`).

    Args:
        output_dir: of the run; it need not exist.
    """
    output_dir = Path(output_dir)
    done = _json(output_dir / FINISHED)
    if isinstance(done.get("global_step"), int):
        return Progress(done["global_step"], done.get("max_steps"), True)
    for folder in checkpoints(output_dir):
        verdict = verify(folder, hashes=False)
        if verdict.valid:
            return Progress(verdict.step, _json(folder / "trainer_state.json").get("max_steps"), False)
    return Progress(0, None, False)


def best_model(output_dir: str | Path) -> str | None:
    """Name of the checkpoint that a run counts as its best so far, by what its newest one says."""
    for folder in checkpoints(output_dir):
        best = _json(folder / "trainer_state.json").get("best_model_checkpoint")
        return Path(best).name if best else None
    return None


def _json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
