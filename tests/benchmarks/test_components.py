"""The benchmark of components on a tiny network: every head is there, and the parts add up to about a step."""

import pytest

from pixel.benchmarks.components import components
from pixel.models.heads import HEAD_CLASSES


@pytest.fixture(scope="module")
def said():
    return components("tiny:llama", repeats=2, warm_up=1, length=128, conversations=3)


def test_every_head_and_component_is_timed_forward_and_backward(said):
    parts = {part["part"]: part for part in said["parts"]}
    for name in HEAD_CLASSES:
        row = parts[f"head {name}"]
        assert row["forward_ms"] > 0 and row["backward_ms"] > 0 and row["saved_mib"] > 0, name
    for name in ("trunk up to the readout layer", "LM head and its loss", "losses of the heads"):
        assert parts[name]["forward_ms"] > 0 and parts[name]["backward_ms"] > 0, name
    for name in ("optimizer step", "collator", "encoding of conversations", "packing", "checkpoint: verify"):
        assert parts[name]["total_ms"] > 0 and parts[name]["per_second"] > 0, name
    for row in said["parts"]:
        assert row["low_ms"] <= row["total_ms"] <= row["high_ms"]


def test_the_sum_is_that_of_the_parts_in_a_step(said):
    rows = [part["total_ms"] for part in said["parts"] if part["in_step"]]
    assert said["sum_ms"] == pytest.approx(sum(rows), rel=1e-3)  # of two rounds the median is the mean
    assert said["covered"]["low"] <= said["covered"]["median"] <= said["covered"]["high"]
    assert 0.05 < said["covered"]["median"] < 20  # of a step of milliseconds, on a machine that may be busy


def test_what_a_head_keeps_is_its_states_and_not_its_weights(said):
    """The risk head has one field: it keeps normed and hidden states of its turns, and no matrix of 64 x 256."""
    kept = next(part["saved_mib"] for part in said["parts"] if part["part"] == "head risk")
    assert kept < 0.06
