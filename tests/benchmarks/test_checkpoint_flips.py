"""The benchmark that breaks checkpoints: what it counts, and that it leaves the checkpoint as it was."""

import random

import pytest

from pixel.benchmarks import checkpoint_flips as module
from pixel.benchmarks.checkpoint_flips import checkpoint_flips, flipped
from pixel.benchmarks.save_kills import save_kills
from pixel.checkpoints import MANIFEST, Verdict, verify
from tests.checkpoints.parts import checkpoint


def test_every_fault_is_counted_under_its_file_and_kind(tmp_path):
    folder = checkpoint(tmp_path, 4, size=500)
    found = checkpoint_flips(60, folder=folder, progress=False)
    assert found["detected"] == 60 and found["undetected"] == [] and found["false_alarms"] == 0
    assert found["interval"][0] == pytest.approx(1 / (1 + 1.959964**2 / 60), abs=1e-4)  # Wilson, none missed
    assert set(found["files"]) == {"model.safetensors", "trainer_state.json", MANIFEST}
    tried = [int(count.split(" of ")[1]) for kinds in found["files"].values() for count in kinds.values()]
    assert sum(tried) == 60 and verify(folder).valid


def test_what_is_not_seen_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "verify", lambda folder: Verdict(folder, 4))  # a check that sees nothing
    found = checkpoint_flips(10, folder=checkpoint(tmp_path, 4), progress=False)
    assert found["detected"] == 0 and len(found["undetected"]) == 10
    assert set(found["undetected"][0]) == {"file", "kind", "place"}


def test_a_flip_changes_one_byte():
    draw, whole = random.Random(0), bytes(range(256))
    for place in range(256):
        broken = flipped(whole, place, draw)
        assert [i for i in range(256) if broken[i] != whole[i]] == [place] and len(broken) == 256


@pytest.mark.slow
def test_a_save_killed_anywhere_leaves_a_run_that_goes_on():
    found = save_kills(every=25, progress=False)
    assert found["resumed"] == found["same"] == found["tried"] > 5
    assert found["killed"] >= found["tried"] - 1  # what is written by the clock moves the last moments a little
    assert found["unsealed"] == found["failed"] == [] and found["redone"] <= 1
