"""Two processes: what one cannot write none keeps, what one is told all do, and what was split comes together."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from pixel.benchmarks.distributed.launching import surroundings
from pixel.checkpoints import CheckpointError, Verdict, seal, verify
from pixel.models import PixelForCausalLM
from pixel.training.checkpoint_resuming import require_fitting
from pixel.training.consolidating import consolidate, kind_of
from tests.training.test_ranks import needs_deepspeed, start

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("checkpoint_launched.py")


def launch(config: str, folder: Path, kind: str) -> list[dict]:
    """Run `checkpoint_launched.py` on two processes; what each of them wrote."""
    command = [
        sys.executable, "-m", "accelerate.commands.launch", "--config_file", f"accelerate_configs/{config}.yaml",
        "--num_processes", "2", str(SCRIPT), str(folder), kind,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return [json.loads((folder / f"rank{rank}.json").read_text()) for rank in range(2)]


def check(folder: Path, ranks: list[dict]) -> dict[str, torch.Tensor]:
    """Rank 1 could not write the checkpoint of step 2, and was told to stop in step 3."""
    for rank in ranks:
        assert (rank["stopped_at"], rank["preempted"], rank["reason"]) == (3, True, "SIGTERM")
        assert rank["after_stop"] == ["checkpoint-3"]
        assert rank["ended_at"] == 5 and rank["after_end"] == ["checkpoint-3", "checkpoint-4", "checkpoint-5"]
    [[kind, step, message]] = ranks[0]["alerts"]
    assert (kind, step) == ("checkpoint_not_saved", 2) and "No space left" in message and ranks[1]["alerts"] == []
    unbroken, resumed = load_file(folder / "unbroken.safetensors"), load_file(folder / "resumed.safetensors")
    assert unbroken.keys() == resumed.keys()
    for name, value in unbroken.items():
        assert torch.equal(resumed[name], value), name
    return {name.removeprefix("module."): value for name, value in resumed.items()}


@pytest.mark.slow
def test_data_parallel_ranks_save_and_stop_as_one(tmp_path):
    ranks = launch("ddp", tmp_path, start(tmp_path / "start", "llama"))
    check(tmp_path, ranks)
    folder = tmp_path / "run" / "checkpoint-3"
    assert {"rng_state_0.pth", "rng_state_1.pth"} <= {path.name for path in folder.iterdir()}
    assert verify(folder).facts["world_size"] == 2


@pytest.mark.slow
@needs_deepspeed
def test_zero3_ranks_save_and_stop_as_one_and_their_shards_come_together(tmp_path):
    ranks = launch("zero3_cpu", tmp_path, start(tmp_path / "start", "llama"))
    trained = check(tmp_path, ranks)
    folder = tmp_path / "run" / "checkpoint-5"
    verdict = verify(folder)
    assert verdict.valid and verdict.facts["sharding"] == "zero3"
    with pytest.raises(CheckpointError, match="num_processes 2.*consolidate"):
        require_fitting(verdict, "zero3", 1)
    gathered = consolidate(folder, tmp_path / "gathered")
    shards = tmp_path / "shards" / "checkpoint-5"  # as without zero3_save_16bit_model
    shutil.copytree(folder, shards)
    (shards / "model.safetensors").unlink()
    seal(shards, 5)
    assert (kind_of(folder), kind_of(shards)) == ("whole", "zero")
    for made in (gathered, consolidate(shards, tmp_path / "joined")):
        for name, value in PixelForCausalLM.from_pretrained(made).named_parameters():
            assert torch.equal(value, trained[name]), name


@pytest.mark.parametrize(
    ("facts", "here", "processes", "message"),
    [
        ({"sharding": "zero3", "world_size": 8}, "zero3", 4, "8 processes.*this run has 4.*num_processes 8"),
        ({"sharding": "zero3", "world_size": 8}, "none", 8, "split as zero3, this run's as none.*consolidate"),
        ({"sharding": "none", "world_size": 1}, "fsdp", 1, "split as none"),
    ],
)
def test_a_checkpoint_that_does_not_fit_says_what_to_do(tmp_path, facts, here, processes, message):
    with pytest.raises(CheckpointError, match=message):
        require_fitting(Verdict(tmp_path, 1, facts=facts), here, processes)


@pytest.mark.parametrize(
    ("facts", "here", "processes"),
    [
        ({"sharding": "zero3", "world_size": 8}, "zero3", 8),
        ({"sharding": "none", "world_size": 2}, "none", 4),  # plain data parallel may change
        ({}, "zero3", 2),  # sealed by hand
    ],
)
def test_a_checkpoint_that_fits_is_let_through(tmp_path, facts, here, processes):
    require_fitting(Verdict(tmp_path, 1, facts=facts), here, processes)
