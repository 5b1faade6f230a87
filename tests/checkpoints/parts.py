"""Small sealed folders that look like checkpoints."""

import json
from pathlib import Path

from pixel.checkpoints import seal


def checkpoint(output_dir: Path, step: int, size: int = 100, max_steps: int = 50, **facts) -> Path:
    """A sealed `checkpoint-STEP` with `size` bytes of weights."""
    folder = output_dir / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(bytes(size))
    (folder / "trainer_state.json").write_text(json.dumps({"global_step": step, "max_steps": max_steps}))
    seal(folder, step, facts)
    return folder


def spoil(folder: Path) -> None:
    """Change one byte of the weights."""
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[3] ^= 0xFF
    (folder / "model.safetensors").write_bytes(data)
