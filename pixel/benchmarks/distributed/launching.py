"""Launching [`ranks_worker`] under a configuration of `accelerate_configs/`, and reading what it left."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import Tensor

ROOT = Path(__file__).resolve().parents[3]
CONFIGS = ROOT / "accelerate_configs"
OTHERS = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
WORKER = "pixel.benchmarks.distributed.ranks_worker"


@dataclass
class Outcome:
    """
    Attributes:
        folder: what the worker wrote.
        ranks: what each process saw.
        parameters: trained ones by name, whole.
        answers: logits and read-outs of the network in memory.
    """

    folder: Path
    ranks: list[dict[str, Any]]
    parameters: dict[str, Tensor]
    answers: dict[str, Tensor]


def launch(config: str, processes: int, folder: Path, timeout: float = 600.0, **options: Any) -> Outcome:
    """
    Args:
        config: name of a file of `accelerate_configs/`, without `.yaml`.
        processes: to start.
        folder: to write to.
        timeout: seconds after which the launch is given up.
        options: of `ranks_worker.main`.

    Raises:
        RuntimeError: the launch failed; with the end of what it printed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(CONFIGS / f"{config}.yaml"),
        "--num_processes", str(processes), "-m", WORKER, str(folder), json.dumps(options),
    ]  # fmt: skip
    log = folder / "log.txt"
    with log.open("a") as out:
        try:
            code = subprocess.run(command, env=surroundings(), stdout=out, stderr=out, timeout=timeout).returncode
        except subprocess.TimeoutExpired:
            code = f"nothing after {timeout:.0f} s"
    if code != 0:
        raise RuntimeError(f"{config}: the launch ended with {code}: {log.read_text(errors='replace')[-3000:]}")
    ranks = [json.loads((folder / f"rank{rank}.json").read_text()) for rank in range(processes)]
    parameters, answers = (load_file(folder / f"{name}.safetensors") for name in ("parameters", "answers"))
    return Outcome(folder, ranks, parameters, answers)


def surroundings() -> dict[str, str]:
    """Environment of a launch on CPUs: nothing of another launch, one thread a process, ninja on the path."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("ACCELERATE_", "FSDP_")) and key not in OTHERS
    }
    extensions = Path(kept.get("TORCH_EXTENSIONS_DIR", ROOT / "outputs" / "torch_extensions"))
    for lock in extensions.rglob("lock"):  # of a killed launch: the next one would wait for ever
        lock.unlink()
    return kept | {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH")])),
        "OMP_NUM_THREADS": "1",
        "GLOO_SOCKET_IFNAME": "lo",
        "DS_ACCELERATOR": "cpu",
        "TORCH_EXTENSIONS_DIR": str(extensions),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}",
    }
