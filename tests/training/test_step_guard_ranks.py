"""Two ranks of which one loses its loss: both leave the step out, or both stop."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.test_ranks import start

ROOT = Path(__file__).parents[2]


def launch(config: str, folder: Path, kind: str = "llama", **options) -> list[dict]:
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "accelerate.commands.launch", "--config_file", f"accelerate_configs/{config}.yaml",
        "--num_processes", "2", "tests/training/launched_guard.py", str(folder), kind, json.dumps(options),
    ]  # fmt: skip
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("ACCELERATE_")}
    surroundings |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    if config.startswith("zero3"):
        extensions = os.environ.get("TORCH_EXTENSIONS_DIR", str(ROOT / "outputs" / "torch_extensions"))
        surroundings |= {"DS_ACCELERATOR": "cpu", "TORCH_EXTENSIONS_DIR": extensions}
        surroundings["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{surroundings['PATH']}"  # ninja
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return [json.loads((folder / f"rank{rank}.json").read_text()) for rank in range(2)]


def both_leave_it_out(ranks: list[dict]) -> None:
    one, other = ranks
    assert one["stopped"] is other["stopped"] is None
    assert one["sums"] == other["sums"] and len(one["sums"]) == 4
    assert one["sums"][0] == one["sums"][1] != one["sums"][2]
    assert one["alerts"] == other["alerts"] == ["step_left_out"]
    assert one["rates"][3] < one["rates"][2] < one["rates"][1] < one["rates"][0]  # the schedule goes on


@pytest.mark.slow  # two launches of two ranks, each of which imports torch
def test_two_ranks_stop_together_and_then_leave_the_step_out_together(tmp_path):
    options = {"optim": "adamw_torch", "learning_rate": 1e-2, "lr_scheduler_type": "linear"}
    first = launch("ddp", tmp_path, non_finite="stop", **options)
    assert [rank["stopped"] for rank in first] == [2, 2] and [len(rank["sums"]) for rank in first] == [1, 1]
    both_leave_it_out(launch("ddp", tmp_path, non_finite="stop", **options))
    noted = json.loads((tmp_path / "run" / "bad_steps.json").read_text())["steps"]
    assert [(entry["step"], entry["times"], entry["left_out"]) for entry in noted] == [(2, 2, True)]


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("g++") is None or not importlib.util.find_spec("deepspeed"), reason="needs deepspeed and g++"
)
def test_zero3_leaves_the_step_out_and_the_schedule_goes_on(tmp_path):
    options = {"optim": "adamw_torch", "learning_rate": 1e-2, "lr_scheduler_type": "linear", "max_grad_norm": 1.0}
    both_leave_it_out(launch("zero3_cpu", tmp_path, start(tmp_path / "m", "llama"), non_finite="skip", **options))
