"""The ablation recipe on a random tiny network."""

import json
import subprocess
import sys
from pathlib import Path

import yaml

from tests.benchmarks.test_frozen_study import CONFIG

RECIPE = Path(__file__).parents[2] / "recipes" / "ablate.py"


def ablate(*arguments, cache=None):
    import os

    environment = os.environ | ({"PIXEL_CACHE": str(cache)} if cache else {}) | {"PYTHONPATH": str(RECIPE.parents[1])}
    return subprocess.run(
        [sys.executable, str(RECIPE), *map(str, arguments)], capture_output=True, text=True, env=environment
    )


def test_a_table_of_strategies(tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text(yaml.safe_dump(CONFIG))
    best = tmp_path / "mine.yaml"
    best.write_text("loss_schedule: dwa\n")
    out = tmp_path / "out"
    done = ablate(
        "--config", config, "--seeds", 1, "--strategies", "gradient:mgda", "single:eq", "--best", best,
        "--output_dir", out, cache=tmp_path / "cache",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    rows = json.loads((out / "table.json").read_text())
    assert {row["strategy"] for row in rows} == {"sum", "gradient:mgda", "mine"}
    assert "delta-m over the plain sum" in done.stdout
    assert len((out / "runs.jsonl").read_text().splitlines()) == 4


def test_an_unknown_strategy_is_named():
    done = ablate("--strategies", "gradient:mdga")
    assert done.returncode == 1 and "gradient:mdga" in done.stderr and "Traceback" not in done.stderr
