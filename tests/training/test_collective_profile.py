"""Collectives in a profile: intervals by hand, and a real profile of named stretches."""

import time
from types import SimpleNamespace

import pytest
import torch
from torch.autograd import DeviceType

from pixel.training.collective_profile import CollectiveProfile, length, shares, union


def event(name, start, end, device=DeviceType.CUDA):
    return SimpleNamespace(name=name, device_type=device, time_range=SimpleNamespace(start=start, end=end))


def test_stretches_that_overlap_count_once():
    assert union([(5, 9), (0, 2), (1, 3), (9, 10)]) == [(0, 3), (5, 10)]
    assert length(union([(5, 9), (0, 2), (1, 3), (9, 10)])) == 8


def test_on_a_gpu_a_collective_behind_kernels_is_not_waited_for():
    events = [
        event("gemm", 0, 50), event("ncclDevKernel_AllGather_RING", 30, 70), event("gemm", 80, 100),
        event("nccl:all_gather", 0, 100, DeviceType.CPU),  # the launch on the host says nothing
    ]  # fmt: skip
    assert shares(events, 100) == (0.4, 0.2)  # 30 to 70; alone from 50 to 70


def test_on_a_cpu_every_collective_under_way_counts():
    events = [event("gloo:all_reduce", 10, 30, DeviceType.CPU), event("aten::mm", 0, 100, DeviceType.CPU)]
    assert shares(events, 100) == (0.2, 0.2)
    assert shares([], 0) == (0.0, 0.0)


def test_one_step_in_many_is_profiled_for_real():
    profile = CollectiveProfile(every=3)
    for step in range(3):
        profile.begin(step)
        torch.ones(8) + 1
        with torch.profiler.record_function("gloo:all_reduce"):
            time.sleep(0.1)
        with torch.profiler.record_function("forward"):
            time.sleep(0.1)
        torch.ones(8) + 1
        profile.end()
        if step == 0:
            first = profile.last
    assert profile.last is first  # the steps after were not profiled
    assert first["time/collective_share"] == pytest.approx(0.5, abs=0.2)


def test_never_means_never():
    profile = CollectiveProfile()
    profile.begin(0)
    profile.end()
    assert profile.last == {}
    with pytest.raises(ValueError, match="profile_every is -1"):
        CollectiveProfile(-1)
