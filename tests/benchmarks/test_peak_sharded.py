"""The peak of every rank under ZeRO-3, measured in launched processes."""

import importlib.util
import shutil

import pytest

from pixel.benchmarks.peak_sharded import peak_sharded

HAS_DEEPSPEED = importlib.util.find_spec("deepspeed") is not None and shutil.which("g++") is not None


@pytest.mark.slow
@pytest.mark.skipif(not HAS_DEEPSPEED, reason="needs deepspeed and g++")
def test_two_ranks_hold_what_the_plan_says():
    found = peak_sharded()
    assert len(found["ranks"]) == 2
    for rank in found["ranks"]:
        assert abs(rank["error"]) < 0.1
        assert 0 < rank["standing_mib"] < rank["allocated_mib"]
