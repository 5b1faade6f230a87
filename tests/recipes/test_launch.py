"""`recipes/launch.py` from the command line."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pixel.checkpoints import progress
from pixel.orchestration.heartbeat import read_beats
from tests.hub_standin import session_hub
from tests.orchestration.parts import alive, wait_for

ROOT = Path(__file__).parents[2]
CHILD = "tests/orchestration/child.py"
TINY = ["--config", "recipes/configs/tiny_cpu.yaml", "--logging_steps", "1", "--disable_tqdm", "true"]


def surroundings(**more: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | more


def launch(*words: str, **more: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "recipes/launch.py", *words], cwd=ROOT, env=surroundings(**more), capture_output=True,
        text=True, timeout=570,
    )  # fmt: skip


def started(*words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "recipes/launch.py", *words], cwd=ROOT, env=surroundings(), stdout=subprocess.DEVNULL
    )


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["run", "--help"], ["template", "--help"]])
def test_help_needs_no_torch_and_names_the_commands(words):
    code = f"import sys; sys.argv = ['launch.py', *{words}]\nimport runpy\n"
    code += "try: runpy.run_path('recipes/launch.py', run_name='__main__')\nexcept SystemExit: pass\n"
    code += "print([name for name in ('torch', 'transformers', 'datasets') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=surroundings(), capture_output=True, text=True)
    assert "usage:" in done.stdout and done.stdout.strip().endswith("[]"), done.stderr


WRONG = {
    "no such file": [
        "train",
        "--accelerate_config",
        "nowhere.yaml",
        "--",
        "--config",
        "recipes/configs/tiny_cpu.yaml",
    ],
    "No such file": ["train", "--", "--config", "nowhere.yaml"],
    "need --accelerate_config": ["train", "--num_processes", "2", "--", "--output_dir", "x"],
    "nowhere.yaml": ["run", "nowhere.yaml"],
    "no stage 'tran'": ["run", "recipes/pipelines/tiny_cpu.yaml", "--from", "tran"],
    "no run and no pipeline": ["status", "recipes"],
    "knows no such setting": ["template", "slurm", "--set", "x=1", "--", "--config", "a"],
    "webhook: me": ["train", "--webhook", "me", "--", "--output_dir", "x"],
    "alerts: a webhook needs": ["run", "recipes/pipelines/tiny_cpu.yaml", "--webhook", "me"],
    "no value": ["template", "slurm", "--set", "partition", "--", "--config", "a"],
    "not below 0": ["train", "--restarts", "-1", "--", "--output_dir", "x"],
    "nothing to train": ["template", "kubernetes"],
}


@pytest.mark.parametrize("said", WRONG)
def test_what_is_wrong_is_said_in_one_line(said):
    done = launch(*WRONG[said])
    assert done.returncode == 1 and done.stderr.startswith("error: ") and said in done.stderr
    assert done.stderr.strip().count("\n") == 0 and "Mend:" in done.stderr


def test_a_child_that_crashes_is_brought_to_its_end_and_alerts_are_kept(tmp_path):
    (tmp_path / "deeds.json").write_text('["crash", "fine"]')
    script = tmp_path / "script.py"  # takes a run's options, and hands the child its two words
    script.write_text(
        f"import runpy, sys\nsys.argv = ['child.py', {str(tmp_path)!r}, '4']\n"
        f"runpy.run_path({str(ROOT / CHILD)!r}, run_name='__main__')\n"
    )
    done = launch("train", "--script", str(script), "--backoff", "0.01", "--", "--output_dir", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert progress(tmp_path).finished
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    assert [kind for kind in kinds if kind != "preflight"] == [
        "training_failed", "training_restarted", "training_finished",
    ]  # fmt: skip
    assert "step 4 of 4 is safe, finished" in launch("status", str(tmp_path)).stdout


def test_templates_are_printed_or_written(tmp_path):
    words = ["template", "slurm", "--nodes", "2", "--set", "partition=gpu", "--write", str(tmp_path / "job")]
    assert launch(*words, "--", "--config", "recipes/configs/tiny_cpu.yaml").returncode == 0
    assert "accelerate_configs/zero3_2x8.yaml" in (tmp_path / "job").read_text()
    done = launch("template", "kubernetes", "--gpus", "1", "--", "--config", "recipes/configs/tiny_cpu.yaml")
    assert "kind: Job" in done.stdout and "accelerate_configs/zero3_8gpu.yaml" in done.stdout


# ── the real training ──


def log_of(folder: Path) -> list[tuple]:
    """Step and loss of everything that was logged, and the last weights' bytes."""
    newest = max(folder.glob("checkpoint-*"), key=lambda path: int(path.name.partition("-")[2]))
    history = json.loads((newest / "trainer_state.json").read_text())["log_history"]
    return [(entry["step"], entry["loss"]) for entry in history if "loss" in entry]


@pytest.mark.slow
def test_a_killed_and_a_stopped_training_ends_as_one_that_was_left_alone(tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    steps = ["--max_steps", "30", "--save_steps", "10"]
    alone = launch("train", "--quiet", "--", *TINY, *steps, "--output_dir", str(whole))
    assert alone.returncode == 0, alone.stderr
    words = ["train", "--quiet", "--backoff", "0.1", "--", *TINY, *steps, "--output_dir", str(broken)]

    supervisor = started(*words)
    beat = wait_for(lambda: [beat for beat in read_beats(broken) if beat.step >= 12], 300)[0]
    os.kill(beat.pid, signal.SIGKILL)  # the rank: the supervisor starts another
    wait_for(lambda: [beat for beat in read_beats(broken, attempt=2) if beat.step >= 15], 300)
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(120) == 75
    assert not alive(broken) and 15 <= progress(broken).step < 30

    again = launch(*words)
    assert again.returncode == 0, again.stderr
    assert log_of(broken) == log_of(whole)
    assert (broken / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    record = json.loads((broken / "supervisor.json").read_text())
    assert [one["kind"] for one in record["attempts"]] == ["killed", "stopped", "finished"]

    model = (broken / "model.safetensors").stat()
    done = launch(*words[:1], *words[2:])
    assert done.returncode == 0 and "has finished and is not trained again" in done.stdout
    assert (broken / "model.safetensors").stat().st_mtime_ns == model.st_mtime_ns


@pytest.mark.slow
def test_the_tiny_pipeline_runs_every_stage_and_a_second_time_none(tmp_path):
    text = (ROOT / "recipes/pipelines/tiny_cpu.yaml").read_text()
    file = tmp_path / "tiny.yaml"
    file.write_text(
        text.replace("outputs/pipelines/tiny_cpu", str(tmp_path / "out")).replace("--backoff 5", "--backoff .1")
    )
    hub = session_hub()
    hub.reset()
    done = launch("run", str(file), HF_HOME=str(tmp_path / "hf"))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    stages = json.loads((tmp_path / "out" / "pipeline.json").read_text())["stages"]
    assert {stage["state"] for stage in stages.values()} == {"done"} and len(stages) == 7
    (pushed,) = (name for kind, name in hub.repos)
    assert "model.safetensors" in hub.files(pushed) and not any("attempts" in file for file in hub.files(pushed))
    assert [line for line in launch("run", str(file)).stdout.splitlines() if "unchanged" not in line] == []
