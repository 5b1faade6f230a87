"""Leaks of known size are found, and what is none is not called one."""

import gc
import mmap

import numpy as np
import psutil
import pytest
import torch
from scipy.stats import theilslopes

from pixel.monitoring.memory.leak import MIB, LeakDetector, theil_sen
from pixel.monitoring.memory.live import live_tensors


def told(series, **options):
    detector = LeakDetector(**{"warm_up": 5, "least": MIB} | options)
    return [slope for step, value in enumerate(series) if (slope := detector.update(step, value))]


def test_the_slope_and_its_interval_are_those_of_scipy():
    draw = np.random.default_rng(0)
    steps = np.arange(40) * 10.0
    values = 3.0 * steps + draw.normal(0, 50, 40)
    ours, theirs = theil_sen(list(steps), list(values)), theilslopes(values, steps, 0.99)
    assert ours.value == pytest.approx(theirs[0])
    assert (ours.low, ours.high) == pytest.approx((theirs[2], theirs[3]), rel=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_noise_a_jump_and_a_heap_that_settles_are_no_leaks(seed):
    draw = np.random.default_rng(seed)
    noise = draw.normal(0, 5 * MIB, 150)
    level = 1000.0 * MIB
    assert told(level + noise) == []
    assert told(level + noise + (np.arange(150) > 70) * 200 * MIB) == []
    assert told(level + noise + 300 * MIB * (1 - np.exp(-np.arange(150) / 8)), warm_up=20) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_leak_under_noise_is_found_with_its_size(seed):
    draw = np.random.default_rng(seed)
    found = told(1000.0 * MIB + draw.normal(0, 5 * MIB, 300) + np.arange(300) * 1.0 * MIB)
    assert found
    assert found[-1].low <= 1.0 * MIB <= found[-1].high and found[-1].value == pytest.approx(MIB, rel=0.1)


def test_growth_that_is_not_worth_a_word_is_passed_over():
    assert told([step * 100.0 for step in range(100)]) == []


def test_a_long_run_is_remembered_in_bounded_space():
    detector = LeakDetector(warm_up=0, keep=64, least=MIB)
    for step in range(5000):
        detector.update(step, step * 2.0 * MIB)
    assert len(detector.values) < 64 and detector.leak().value == pytest.approx(2 * MIB)
    assert detector.steps[-1] - detector.steps[0] > 2000


def test_too_little_memory_of_its_own_is_refused():
    with pytest.raises(ValueError, match="keep is 4"):
        LeakDetector(keep=4)


@pytest.mark.parametrize("leaking", [True, False])
def test_a_planted_leak_shows_in_tensors_and_in_the_resident_set(leaking):
    """A tensor of 2 MiB is kept, or let go, in each of 40 rounds."""
    kept, process = [], psutil.Process()
    tensors, resident = LeakDetector(5, least=8 * MIB), LeakDetector(5, least=8 * MIB)
    for step in range(40):
        pages = mmap.mmap(-1, 2 * MIB)  # and not the heap, which may have room left from other tests
        block = torch.frombuffer(pages, dtype=torch.float32).fill_(step)
        if leaking:
            kept.append(block)
        del block, pages
        gc.collect(0)
        tensors.update(step, live_tensors("cpu")[0])
        resident.update(step, process.memory_info().rss)
    for detector in (tensors, resident):
        slope = detector.leak()
        assert (slope is not None) == leaking
        if leaking:
            assert slope.value == pytest.approx(2 * MIB, rel=0.1)


def test_the_kinds_that_take_most_are_named():
    mine = [torch.zeros(777, 1000) for _ in range(3)]
    view = mine[0][:10]  # shares the storage of the first
    total, kinds = live_tensors("cpu", most=1000)
    taken = {kind: (count, size) for kind, count, size in kinds}
    assert taken["[777, 1000] float32"] in ((3, 3 * 777_000 * 4), (2, 2 * 777_000 * 4))
    assert total >= 3 * 777_000 * 4 and view.shape == (10, 1000)
