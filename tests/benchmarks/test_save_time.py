"""The time a checkpoint takes, in both ways, on a tiny network."""

import pytest

from pixel.benchmarks.save_time import save_time


def test_every_save_is_timed_and_async_is_held_up_by_writing_alone():
    found = save_time("tiny:llama", repeats=1, progress=False)
    assert [len(found["all"][name]) for name in ("write", "seal", "beside", "verify")] == [2, 1, 1, 1]
    assert found["held_up"]["now"] == pytest.approx(found["write"] + found["seal"])
    assert found["held_up"]["async"] == found["write"]
    assert found["bytes"] > 100_000  # weights and two moments of each
