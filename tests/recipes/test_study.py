"""The studies run small and leave what they promise."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def study(monkeypatch, recipe, *words: str) -> None:
    monkeypatch.setattr(sys, "argv", ["study.py", *words])
    module = recipe("study")
    module.main(module.arguments())


def test_the_toy_leaves_a_json_a_table_and_figures_of_both_settings(monkeypatch, recipe, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    study(monkeypatch, recipe, "toy", "--methods", "sum", "mgda", "--fraction", "0.002", "--output", str(tmp_path))
    result = json.loads((tmp_path / "toy.json").read_text())
    assert set(result["runs"]) == {"A", "B"} and set(result["runs"]["A"]) == {"sum", "mgda"}
    assert "| mgda | 0/5 |" in capsys.readouterr().out
    for name in ("toy_A", "toy_B"):
        assert (tmp_path / f"{name}.svg").read_text().lstrip().startswith("<?xml")
        assert (tmp_path / f"{name}.png").read_bytes()[1:4] == b"PNG"


def test_the_pareto_study_resumes_and_draws(monkeypatch, recipe, tmp_path, capsys):
    pytest.importorskip("matplotlib"), pytest.importorskip("moocore")
    small = ["--seeds", "2", "--steps", "10", "--objectives", "2", "--bends", "0", "--output", str(tmp_path)]
    study(monkeypatch, recipe, "pareto", "--methods", "sum", *small)
    study(monkeypatch, recipe, "pareto", "--methods", "schedule:dwa", "--resume", *small)
    result = json.loads((tmp_path / "pareto.json").read_text())
    assert list(result["problems"]["2 objectives, convex front"]) == ["sum", "schedule:dwa"]
    assert (tmp_path / "pareto.svg").exists()
    assert "Share of the front's hypervolume" in capsys.readouterr().out


def test_figures_can_be_left_out_and_the_json_put_elsewhere(monkeypatch, recipe, tmp_path):
    file = tmp_path / "deep" / "result.json"
    words = ["--settings", "A", "--fraction", "0.001", "--no_figures", "--output", str(tmp_path), "--json", str(file)]
    study(monkeypatch, recipe, "toy", "--methods", "sum", *words)
    assert json.loads(file.read_text())["steps"] == {"A": 100, "B": 50}
    assert not list(tmp_path.glob("*.svg"))


def test_missing_matplotlib_says_how_to_install_it(monkeypatch, recipe, tmp_path):
    for module in ("matplotlib.figure", "matplotlib.backends.backend_agg"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SystemExit, match='error: figures need matplotlib. Install it with: pip install "matplotlib'):
        study(monkeypatch, recipe, "toy", "--methods", "sum", "--fraction", "0.001", "--output", str(tmp_path))
    assert (tmp_path / "toy.json").exists(), "the measurements are kept"


@pytest.mark.slow
def test_a_wrong_method_is_one_line_on_stderr(tmp_path):
    command = [sys.executable, "recipes/study.py", "toy", "--methods", "krum", "--output", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)})
    assert done.returncode == 1
    assert done.stderr.strip().startswith("error: --methods knows no krum; the names are sum, mean")
