"""The recipe writes both files, exits as it promises, and says what is wrong in one line."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def folder(tmp_path):
    def write(name: str, value: float, item: str = "q") -> Path:
        made = tmp_path / name
        (made / "items").mkdir(parents=True)
        lines = [{"id": f"{item}{i}", "metric": "accuracy", "value": value, "group": None} for i in range(30)]
        (made / "items" / "eu.jsonl").write_text("\n".join(map(json.dumps, lines)))
        row = {"task": "eu", "metric": "accuracy", "value": value, "low": None, "high": None, "n": 30}
        content = {"schema": 1, "model": {"name": name}, "settings": {"name": name}, "skipped": []}
        (made / "results.json").write_text(json.dumps(content | {"results": [row | {"higher_is_better": True}]}))
        return made

    return write


def compare(recipe, tmp_path, *folders, more=()):
    module = recipe("compare")
    arguments = ["--baseline", folders[0], "--candidates", *folders[1:], "--output", tmp_path / "out", *more]
    return module.main(module.options([str(word) for word in arguments]))


def test_a_regression_ends_with_status_two_only_when_asked(recipe, tmp_path, folder):
    high, low = folder("high", 1.0), folder("low", 0.0)
    assert compare(recipe, tmp_path, high, low) == 0
    assert compare(recipe, tmp_path, high, low, more=["--fail_on_regression"]) == 2
    assert compare(recipe, tmp_path, low, high, more=["--fail_on_regression"]) == 0


def test_both_files_say_the_same_and_the_page_needs_no_network(recipe, tmp_path, folder):
    alerts = tmp_path / "alerts.jsonl"
    compare(recipe, tmp_path, folder("high", 1.0), folder("low", 0.0), more=["--alerts", alerts])
    data = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert data["comparison"]["verdicts"] == {"regressed": 1}
    assert data["configuration"]["different"]["evaluation.name"] == ["high", "low"]
    page = (tmp_path / "out" / "comparison.html").read_text()
    assert "regressed</span>" in page and "evaluation.name" in page
    assert not re.search(r"(src|href)=|https?://|<script", page)
    assert json.loads(alerts.read_text())["kind"] == "evaluation_regression"


def test_names_cannot_write_into_the_page(recipe, tmp_path, folder):
    compare(recipe, tmp_path, folder("high", 1.0, HOSTILE), folder("low", 0.0, HOSTILE))
    page = (tmp_path / "out" / "comparison.html").read_text()
    assert HOSTILE not in page and "&lt;script&gt;" in page


def test_many_versions_are_drawn_over_time(recipe, tmp_path, folder):
    pytest.importorskip("ruptures")
    values = [0.7, 0.72, 0.71, 0.5, 0.52, 0.51]
    compare(recipe, tmp_path, *(folder(f"v{i}", value) for i, value in enumerate(values)))
    trend = json.loads((tmp_path / "out" / "comparison.json").read_text())["trends"][0]
    assert [jump["at"] for jump in trend["change_points"]] == ["v3"]
    assert "<polyline" in (tmp_path / "out" / "comparison.html").read_text()


def test_a_wrong_folder_is_one_line(tmp_path):
    command = [sys.executable, "recipes/compare.py", "--baseline", str(tmp_path), "--candidates", str(tmp_path)]
    command += ["--output", str(tmp_path / "out")]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 1 and "results.json" in done.stderr and "Traceback" not in done.stderr
