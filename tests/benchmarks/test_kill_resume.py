"""A run that was killed, beside one that was not."""

from pathlib import Path

import pytest
import yaml

from pixel.benchmarks.kill_resume import STATE_FILE, kill_and_resume, kills_markdown, newest_whole
from pixel.checkpoints import seal

RECIPES = Path(__file__).parents[2] / "recipes"


def test_a_checkpoint_that_was_cut_short_is_not_resumed_from(tmp_path):
    for step in (4, 8, 12, 16):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / STATE_FILE).write_text("{}")
        if step < 16:
            seal(folder, step)
    (tmp_path / "checkpoint-12" / STATE_FILE).write_text("{")
    assert newest_whole(tmp_path).name == "checkpoint-8"
    assert newest_whole(tmp_path / "nothing") is None


def test_what_differs_is_shouted():
    result = {"kills": [{"after_step": 9, "resumed_from": 8}], "same_log": True, "same_weights": False,
              "same_objectives": True, "logged": 30, "steps_redone": 1}  # fmt: skip
    page = kills_markdown(result)
    assert "the model: DIFFERENT" in page and "| 1 | 9 | 8 |" in page and "1 steps taken again" in page


@pytest.mark.slow
def test_a_run_killed_twice_ends_as_the_unbroken_one(tmp_path):
    config = yaml.safe_load((RECIPES / "configs" / "tiny_watched.yaml").read_text()) | {"limit": {"seed": 16}}
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(config))
    command = [str(RECIPES / "train.py"), "--config", str(tmp_path / "c.yaml")]
    result = kill_and_resume(command, tmp_path, config["max_steps"], kills=2)
    assert result["same_log"] and result["same_weights"] and result["same_objectives"]
    assert len(result["kills"]) == 2 and result["logged"] > config["max_steps"]
