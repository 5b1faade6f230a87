"""`recipes/train.py` from the command line to the folder it leaves."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pixel.models.labels import OBJECTIVES
from pixel.orchestration.locks import remove_stale_locks
from tests.hub_standin import session_hub
from tests.training.parts import FIELDS_READ, rows

ROOT = Path(__file__).parents[2]
TINY = "recipes/configs/tiny_cpu.yaml"


def run(*arguments: str, launcher: tuple[str, ...] = (), **surroundings: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | surroundings
    return subprocess.run(
        [sys.executable, *launcher, "recipes/train.py", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> str:
    """A YAML for a run of seconds: sixteen conversations of one's own and two steps."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "mine.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows(16)))
    options = {
        "model_name_or_path": "tiny:llama", "model_dtype": "float32", "head_hidden_size": 16, "fields": FIELDS_READ,
        "corpora": [], "dataset": [str(folder / "mine.jsonl")], "validation": 0.25, "max_length": 256, "max_steps": 2,
        "per_device_train_batch_size": 2, "weighting": "upgrad", "logging_steps": 1, "save_strategy": "no",
    }  # fmt: skip
    (folder / "small.yaml").write_text(yaml.safe_dump(options))
    return str(folder / "small.yaml")


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess]:
    """The shipped tiny recipe, run once."""
    folder = tmp_path_factory.mktemp("run") / "tiny"
    done = run("--config", TINY, "--output_dir", str(folder))
    assert done.returncode == 0, done.stderr[-4000:]
    return folder, done


def test_the_folder_holds_everything(finished):
    folder, done = finished
    for name in ("config.json", "model.safetensors", "tokenizer.json", "README.md", "metrics.json", "report.html"):
        assert (folder / name).stat().st_size > 100, name
    assert str(folder) in done.stdout
    assert not list(folder.glob("*.partial"))


def test_the_last_file_and_the_last_heartbeat_say_that_it_has_finished(finished):
    said = json.loads((finished[0] / "finished.json").read_text())
    assert (said["global_step"], said["max_steps"]) == (8, 8)
    assert said["files"]["model.safetensors"] == (finished[0] / "model.safetensors").stat().st_size
    beat = json.loads((finished[0] / "heartbeat" / "rank0.json").read_text())
    assert (beat["phase"], beat["step"], beat["status"]) == ("end", 8, 0)


def test_the_metrics_hold_every_objective(finished):
    metrics = json.loads((finished[0] / "metrics.json").read_text())
    assert metrics["steps"] == 8
    assert metrics["train_loss_first"] > 0 and metrics["train_loss_last"] > 0
    assert set(metrics["objectives"]) == set(OBJECTIVES)
    for name, objective in metrics["objectives"].items():
        assert objective["loss_first"] > 0 and objective["loss_last"] > 0, name
        assert objective["components"], name
    risk = metrics["objectives"]["clinical"]["evaluation"]
    assert {"metric", "value", "majority"} <= set(risk[0])
    assert "not_assessed" not in metrics


def test_the_report_needs_nothing_from_elsewhere(finished):
    page = (finished[0] / "report.html").read_text()
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", page)
    assert "@import" not in page and "url(http" not in page
    assert "<svg" in page or "polyline" in page


def test_the_model_loads_and_reads_what_it_was_trained_for(finished):
    from pixel.training import ModelArguments, load_pixel

    tokenizer, network = load_pixel(ModelArguments(model_name_or_path=str(finished[0]), model_dtype="float32"))
    assert "emotion" in network.config.trained_fields
    assert network.config.offsets
    assert tokenizer.pad_token_id == 256


def test_a_first_run_is_free_of_warnings_about_what_pixel_does(finished):
    said = finished[1].stderr + finished[1].stdout
    assert "FutureWarning" not in said and "DeprecationWarning" not in said
    assert "cosine" not in finished[1].stdout


@pytest.fixture(scope="module")
def without_a_hub(small, tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess]:
    """The small recipe with the command line against it, under the launcher, to be pushed to a Hub that is away."""
    folder = tmp_path_factory.mktemp("away") / "out"
    done = run(
        "--config", small, "--output_dir", str(folder), "--max_steps", "1", "--lora_r", "4",
        "--objective_weights", "{language: 0.5}", "--gram_source", "lora", "--push_to_hub", "true", "--hub_model_id",
        "tester/pixel-tiny", HF_ENDPOINT="http://127.0.0.1:9",
        launcher=("-m", "accelerate.commands.launch", "--config_file", "accelerate_configs/cpu.yaml"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return folder, done


def test_the_command_line_wins_over_the_yaml(without_a_hub):
    folder, done = without_a_hub
    assert json.loads((folder / "metrics.json").read_text())["steps"] == 1
    assert "FutureWarning" not in done.stderr
    names = (folder / "model.safetensors").read_bytes()[:20000]
    assert b"lora" not in names  # adapters are merged


def test_without_a_hub_the_run_finishes_and_says_how_to_push_later(without_a_hub):
    folder, done = without_a_hub
    assert (folder / "model.safetensors").exists()
    assert "No push at the end" in done.stdout
    assert "hf upload tester/pixel-tiny" in done.stderr


def test_a_finished_run_is_pushed(small, tmp_path):
    hub = session_hub()
    hub.reset()
    done = run(
        "--config", small, "--output_dir", str(tmp_path / "out"), "--push_to_hub", "true", "--hub_model_id",
        "tester/pixel-tiny",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    pushed = hub.files("tester/pixel-tiny")
    assert {"config.json", "model.safetensors", "README.md", "metrics.json", "report.html"} <= set(pushed)
    assert hub.repos["model", "tester/pixel-tiny"]["private"]
    hub.reset()


@pytest.mark.slow
def test_the_recipe_runs_under_zero3_and_leaves_a_model_that_loads(tmp_path):
    pytest.importorskip("deepspeed")
    from pixel.training import ModelArguments, load_pixel

    extensions = Path(os.environ.get("TORCH_EXTENSIONS_DIR") or ROOT / "outputs" / "torch_extensions")
    remove_stale_locks(extensions)
    done = run(
        "--config", TINY, "--output_dir", str(tmp_path / "out"), "--use_cpu", "true", "--max_steps", "2",
        launcher=("-m", "accelerate.commands.launch", "--config_file", "accelerate_configs/zero3_cpu.yaml"),
        DS_ACCELERATOR="cpu", TORCH_EXTENSIONS_DIR=str(extensions), GLOO_SOCKET_IFNAME="lo",
        PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-6000:]
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert "sharded" in metrics["not_assessed"] and metrics["steps"] == 2
    _, network = load_pixel(ModelArguments(model_name_or_path=str(tmp_path / "out"), model_dtype="float32"))
    assert all(parameter.numel() and parameter.isfinite().all() for parameter in network.parameters())
    assert network.model.embed_tokens.weight.std() > 0
