"""The planner's recipe: what it prints, what it writes, what it refuses."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pixel.planning import PlanError

ROOT = Path(__file__).resolve().parents[2]
TARGET = str(ROOT / "recipes" / "configs" / "qwen3_30b_a3b_zero3.yaml")
ZERO3 = str(ROOT / "accelerate_configs" / "zero3_8gpu.yaml")


def plan(recipe, capsys, *words):
    module = recipe("plan")
    module.main(module.options([str(word) for word in (*words, "--no_check")]))
    return capsys.readouterr().out


def test_the_target_is_planned_from_the_files_it_is_trained_with(recipe, capsys, tmp_path):
    file = tmp_path / "plan.json"
    given = ("--config", TARGET, "--accelerate", ZERO3, "--hardware", "8xa100-80gb", "--json", file)
    page = plan(recipe, capsys, *given, "--lora_r", 0, "--tokens", "1e9", "--price", 2)
    assert "56.9 GiB a device" in page and "DeepSpeed's estimator" in page and "66.2 GiB" in page
    assert "What a plan cannot know" in page and "cost" in page
    said = json.loads(file.read_text())
    assert said["plan"]["sharding"] == "zero3" and said["plan"]["parameters"]["total"] == 30_532_122_624
    assert set(said["deepspeed"]) == {"none", "optimizer", "optimizer+parameters"}


def test_without_a_sharding_everything_is_tried(recipe, capsys):
    page = plan(recipe, capsys, "--model", "Qwen/Qwen3-8B", "--hardware", "8xh100", "--show", 40)
    assert "ways fit; likely fastest first" in page
    for way in ("ddp", "fsdp2", "zero2", "zero3 + optimizer on the host"):
        assert f"   {way}, " in page


def test_lengths_are_searched_over(recipe, capsys):
    given = ("--model", "Qwen/Qwen3-8B", "--hardware", "8xh100", "--sharding", "zero3")
    page = plan(recipe, capsys, *given, "--lengths", 1024, 8192, "--ranks", 0)
    assert "x 1024 tokens" in page and "x 8192 tokens" in page and "fsdp2" not in page


def test_the_formula_is_checked_against_the_network(recipe, capsys):
    module = recipe("plan")
    module.main(module.options(["--model", "tiny:qwen3_moe", "--hardware", "cpu", "--sharding", "none"]))
    assert "Counted again on the meta device" in capsys.readouterr().out


def test_what_is_known_can_be_listed(recipe, capsys):
    page = plan(recipe, capsys, "--list")
    assert "a100-80gb" in page and "Qwen/Qwen3-30B-A3B" in page


@pytest.mark.parametrize(
    "words",
    [
        ["--model", "Qwen/Qwen3-8B"],
        ["--hardware", "8xh100"],
        ["--model", "nobody/nothing", "--hardware", "8xh100"],
        ["--config", "missing.yaml", "--hardware", "8xh100"],
        ["--config", TARGET, "--accelerate", ZERO3, "--hardware", "4xh100"],
    ],
)
def test_what_cannot_be_planned_is_refused_with_a_mend(recipe, words):
    module = recipe("plan")
    with pytest.raises(PlanError, match="Mend: "):
        module.main(module.options(words))


def test_a_refusal_is_one_line_and_help_loads_no_torch():
    given = {"capture_output": True, "text": True, "cwd": ROOT, "env": os.environ | {"PYTHONPATH": str(ROOT)}}
    done = subprocess.run([sys.executable, "recipes/plan.py", "--model", "x", "--hardware", "8xh100"], **given)
    assert done.returncode == 1 and done.stderr.startswith("error: x: ") and done.stderr.count("\n") == 1
    done = subprocess.run([sys.executable, "-X", "importtime", "recipes/plan.py", "--help"], **given)
    assert done.returncode == 0 and "--hardware" in done.stdout and "torch" not in done.stderr
