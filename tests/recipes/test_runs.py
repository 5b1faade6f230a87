"""recipes/runs.py over run folders."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tracking.run_folders import run_folder


@pytest.fixture
def runs(recipe):
    module = recipe("runs")
    return lambda *words: module.main(module.options([str(word) for word in words]))


def test_runs_are_listed_with_how_far_they_came(runs, tmp_path, capsys):
    run_folder(tmp_path / "out" / "a")
    assert runs("list", tmp_path / "out") == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "| a |" in line)
    assert "30 of 40" in line and "0.500" in line and "01234567" in line


def test_a_comparison_fails_where_a_figure_got_worse_and_only_on_request(runs, tmp_path, capsys):
    good, bad = run_folder(tmp_path / "good"), run_folder(tmp_path / "bad", auc=0.4, rate=0.3)
    page, numbers = tmp_path / "page.html", tmp_path / "page.json"
    assert runs("compare", good, bad, "--output", page, "--json", numbers) == 0
    assert runs("compare", good, bad, "--fail_on_regression") == 2
    assert runs("compare", bad, good, "--fail_on_regression") == 0
    assert runs("compare", good, good, "--fail_on_regression") == 0
    out = capsys.readouterr().out
    assert "training.learning_rate" in out and "0.8 [0.7, 0.9]" in out and "1 figures are worse: seed/risk/auc" in out
    assert "<polyline" in page.read_text() and json.loads(numbers.read_text())["regressed"] == ["seed/risk/auc"]


def test_the_lineage_of_a_run_is_printed(runs, tmp_path, capsys):
    assert runs("lineage", run_folder(tmp_path / "a")) == 0
    assert json.loads(capsys.readouterr().out)["data"]["seed"]["hash"] == "aa"


def test_a_dashboard_is_written_as_code_and_as_a_page(runs, tmp_path, capsys):
    assert runs("dashboard", run_folder(tmp_path / "a"), "--output", tmp_path / "d", "--project", "mine") == 0
    said = json.loads((tmp_path / "d" / "dashboard.json").read_text())
    assert said["project"] == "mine" and said["sections"][0]["panels"][1]["y"] == ["loss/all"]
    assert "<polyline" in (tmp_path / "d" / "index.html").read_text()
    assert "trackio show --project mine" in capsys.readouterr().out


def test_a_folder_without_a_run_is_named_in_one_line(tmp_path):
    command = [sys.executable, "recipes/runs.py", "lineage", str(tmp_path)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, env=os.environ | {"PYTHONPATH": "."}, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert str(tmp_path) in done.stderr and "Mend:" in done.stderr
