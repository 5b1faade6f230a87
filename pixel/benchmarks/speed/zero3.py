"""The training recipe under DeepSpeed ZeRO-3 on one device, in a process of its own."""

import importlib.util
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def zero3_command(repository: Path, folder: Path, steps: int = 5) -> list[str]:
    """The recipe on a tiny mixture of experts, sharded by DeepSpeed over one device."""
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--num_processes", "1", "--use_deepspeed"]
    launch += ["--zero_stage", "3", "--zero3_init_flag", "true", "--zero3_save_16bit_model", "true"]
    launch += ["--gradient_clipping", "1.0", "--mixed_precision", "bf16", str(repository / "recipes" / "train.py")]
    options = {
        "config": repository / "recipes" / "configs" / "tiny_cpu.yaml",
        "model_name_or_path": "tiny:qwen3_moe",
        "model_dtype": "bfloat16",
        "max_steps": steps,
        "save_strategy": "no",
        "output_dir": folder,
    }
    return launch + [part for name, value in options.items() for part in (f"--{name}", str(value))]


def zero3_run(repository: Path, timeout: float) -> dict[str, Any]:
    """Run `zero3_command`: `finished` (a model folder with weights was written), `seconds`, and the end of the log."""
    if importlib.util.find_spec("deepspeed") is None:
        return {"finished": False, "why": "deepspeed is not installed"}
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        command = zero3_command(repository.resolve(), Path(folder) / "model")
        try:
            done = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            return {"finished": False, "why": f"no end within {timeout:.0f} s"}
        wrote = bool(list((Path(folder) / "model").glob("*.safetensors")))
    return {
        "finished": done.returncode == 0 and wrote,
        "seconds": time.monotonic() - started,
        "why": None if done.returncode == 0 else done.stderr.strip()[-500:],
    }
