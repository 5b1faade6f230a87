"""The gate's demonstration: what its table says, and one whole scene with a real training process."""

from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import save_file

from pixel.benchmarks.gate_demo import SCENES, gate_demo, gate_markdown, same_weights

RECIPES = Path(__file__).parents[2] / "recipes"
PLAYED = {
    "scene": "rolled_back", "requests": [{"step": 4, "waited": 2.53, "outcome": "approve"}], "steps": 12,
    "as_expected": True, "approved_step": 4, "same_as_approved": True, "checkpoint_same": False,
}  # fmt: skip


def test_a_request_is_a_line_and_the_unexpected_is_shouted():
    page = gate_markdown([PLAYED, PLAYED | {"as_expected": False, "same_as_approved": None}])
    assert "| rolled_back | 4 | 2.5 | approve | step 12 | different | equal |" in page
    assert "NOT AS EXPECTED" in page.splitlines()[-1]


def test_one_bit_is_enough_to_differ(tmp_path):
    weights = torch.tensor([1.0, 2.0])
    for name, value in (("a", weights), ("b", weights.clone()), ("c", torch.nextafter(weights, weights + 1))):
        save_file({"w": value}, tmp_path / name)
    assert same_weights(tmp_path / "a", tmp_path / "b") and not same_weights(tmp_path / "a", tmp_path / "c")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rolled_back", "vetoed", "timeout_stop"])
def test_a_run_does_as_the_reviewers_say(tmp_path, name):
    (scene,) = (scene for scene in SCENES if scene.name == name)
    config = yaml.safe_load((RECIPES / "configs" / "tiny_cpu.yaml").read_text())
    (played,) = gate_demo([str(RECIPES / "train.py")], config, tmp_path, [scene])
    assert played["as_expected"], played
    if name == "rolled_back":
        assert played["approved_step"] == 4 and played["same_as_approved"] and not played["checkpoint_same"]


def test_a_folder_that_was_played_in_is_refused(tmp_path):
    (tmp_path / "review.db").touch()
    with pytest.raises(FileExistsError, match="Mend"):
        gate_demo([], {}, tmp_path, [])
