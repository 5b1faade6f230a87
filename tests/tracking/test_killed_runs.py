"""A run that was killed twice stands in every tracker as one run, each step once."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from pixel.tracking.settings import OWN, installed
from tests.tracking.event_files import tensorboard_points, wandb_is_through, wandb_points, wandb_records

READ = "import json; from tests.tracking.event_files import trackio_points as p; print(json.dumps(p('killed')))"


@pytest.mark.slow
@pytest.mark.skipif(not all(installed(name) for name in OWN), reason="needs all three trackers")
def test_no_step_is_doubled_or_lost_by_kills(tmp_path):
    here = {"TRACKIO_DIR": str(tmp_path / "trackio"), "WANDB_MODE": "offline", "WANDB_SILENT": "true"}
    options = {
        "cwd": Path(__file__).parents[2],
        "env": os.environ | {"PYTHONPATH": "."} | here,
        "capture_output": True,
    }
    folder = tmp_path / "run"
    for step, expected in ((5, -9), (7, -9), (-1, 0)):
        command = [sys.executable, "-m", "tests.tracking.kill_run", str(folder), str(step)]
        done = subprocess.run(command, text=True, timeout=300, **options)
        assert done.returncode == expected, done.stderr[-2000:]
    assert wandb_is_through(folder / "wandb")
    read = subprocess.run([sys.executable, "-c", READ], text=True, check=True, **options)
    found = {
        "trackio": [tuple(point) for point in json.loads(read.stdout.splitlines()[-1])],
        "wandb": wandb_points(folder / "wandb"),
        "tensorboard": tensorboard_points(folder / "tensorboard"),
    }
    for name, points in found.items():
        losses = Counter(step for step, label in points if label == "loss/all")
        assert losses == dict.fromkeys(range(1, 9), 1), name
    runs = {r.run.run_id for r in wandb_records(folder / "wandb") if r.WhichOneof("record_type") == "run"}
    assert len(runs) == 1 and len(list((folder / "tensorboard").iterdir())) == 1
