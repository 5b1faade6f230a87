"""The command that looks at checkpoints."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pixel.checkpoints import CheckpointError, seal, verify
from tests.checkpoints.parts import checkpoint, spoil

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkpoints(recipe, capsys):
    """Runs the recipe; returns `(status, what it printed)`."""
    module = recipe("checkpoints")

    def run(*arguments):
        status = module.main(module.options([str(part) for part in arguments]))
        return status, capsys.readouterr().out

    return run


@pytest.fixture
def run(tmp_path):
    for step, metric in ((10, 0.5), (20, 0.3), (30, 0.4)):
        checkpoint(tmp_path, step, metric=metric, metric_name="eval_loss", written=0.0)
    return tmp_path


def test_a_list_says_step_size_metric_and_why_each_is_kept(checkpoints, run):
    status, said = checkpoints("list", "--output_dir", run, "--last", 1, "--best", 1)
    lines = said.splitlines()
    assert status == 0 and [line.split()[0] for line in lines[1:4]] == ["30", "20", "10"]
    assert "newest whole, last 1" in lines[1] and "best 1" in lines[2] and "may go" in lines[3]
    assert " 0.3 " in lines[2] and re.search(r"\d+ d ", lines[2]) and lines[4] == "step 30 of 50"


def test_verify_reads_every_byte_and_tells_by_its_status(checkpoints, run):
    assert checkpoints("verify", "--output_dir", run)[0] == 0
    spoil(run / "checkpoint-20")
    status, said = checkpoints("verify", "--output_dir", run)
    assert status == 1 and "BROKEN: model.safetensors: changed" in said


def test_rollback_says_from_where_it_goes_on(checkpoints, run):
    status, said = checkpoints("rollback", "--output_dir", run, "--to", 10)
    assert status == 0 and "--resume_from_checkpoint auto" in said
    assert [path.name for path in run.glob("checkpoint-*")] == ["checkpoint-10"]
    with pytest.raises(CheckpointError, match="Mend"):
        checkpoints("rollback", "--output_dir", run, "--to", 20)


def test_a_running_run_is_asked(checkpoints, run):
    checkpoints("rollback", "--output_dir", run, "--to", 10, "--running")
    assert (run / "rollback.json").exists() and (run / "checkpoint-30").exists()


def test_prune_removes_by_the_rules_and_nothing_without_one(checkpoints, run):
    assert "Would go: checkpoint-10" in checkpoints("prune", "--output_dir", run, "--last", 2, "--dry")[1]
    assert "Removed: checkpoint-10" in checkpoints("prune", "--output_dir", run, "--last", 2)[1]
    assert sorted(path.name for path in run.iterdir()) == ["checkpoint-20", "checkpoint-30"]
    with pytest.raises(CheckpointError, match="--last"):
        checkpoints("prune", "--output_dir", run)


def test_prune_leaves_the_model_that_training_will_load_at_its_end(checkpoints, tmp_path):
    for step in (10, 20, 30):
        folder = checkpoint(tmp_path, step)
        (folder / "trainer_state.json").write_text(json.dumps({"best_model_checkpoint": "elsewhere/checkpoint-10"}))
        seal(folder, step)
    assert "Removed: checkpoint-20" in checkpoints("prune", "--output_dir", tmp_path, "--last", 1)[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-10", "checkpoint-30"]


def test_seal_takes_an_old_checkpoint_as_it_is(checkpoints, run):
    (run / "checkpoint-30" / "manifest.json").unlink()
    checkpoints("seal", "--checkpoint", run / "checkpoint-30")
    assert verify(run / "checkpoint-30").valid
    spoil(run / "checkpoint-20")
    with pytest.raises(CheckpointError, match="model.safetensors: changed"):
        checkpoints("seal", "--checkpoint", run / "checkpoint-20")
    with pytest.raises(CheckpointError, match="checkpoint-STEP"):
        checkpoints("seal", "--checkpoint", run)


def test_an_error_is_one_line(tmp_path):
    command = [sys.executable, "recipes/checkpoints.py", "list", "--output_dir", str(tmp_path / "none")]
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1
    assert "Mend" in done.stderr
