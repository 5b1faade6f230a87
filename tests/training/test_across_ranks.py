"""What one rank makes of the rows of all, by hand: sums, means, who is slowest, whose reading is highest."""

import math
from types import SimpleNamespace

import pytest
import torch

from pixel.monitoring.throughput import Counts
from pixel.training.across_ranks import Across
from pixel.training.phase_hooks import PHASES


def meeting(*rows):
    """An accelerator whose other ranks have sent these rows (what `gather` was given, again, where there are none)."""
    sent = []

    def gather(mine):
        sent.append(mine)
        return torch.cat([mine, *(torch.tensor([row], dtype=mine.dtype) for row in rows)])

    device = torch.device("cpu")
    return SimpleNamespace(num_processes=1 + len(rows), process_index=0, device=device, gather=gather, sent=sent)


def row_of(counts, seconds, readings):
    accelerator = meeting([0.0])
    accelerator.gather = lambda mine: accelerator.sent.append(mine) or mine
    across = Across(accelerator)
    across.gather(counts, seconds, readings)
    return accelerator.sent[0][0].tolist()


def test_two_ranks_are_put_together_in_one_gathering():
    other = row_of(
        Counts(steps=2, rows=8, tokens=300),
        {"forward": 0.5, "communication": 0.1},
        {"memory_used_share": 0.9, "disk_free_bytes": 3.0, "network_rate": 10.0, "gpu_throttle": 32.0},
    )
    accelerator = meeting(other)
    across = Across(accelerator)
    table = across.gather(
        Counts(steps=2, rows=8, tokens=100),
        {"forward": 0.2, "communication": 0.4},
        {"memory_used_share": 0.5, "disk_free_bytes": 7.0, "network_rate": 30.0, "gpu_throttle": 4.0},
    )
    assert len(accelerator.sent) == 1
    assert (table.ranks, table.counts.steps, table.counts.rows, table.counts.tokens) == (2, 2, 16, 400)
    assert table.seconds["forward"] == pytest.approx(0.35) and table.seconds["communication"] == pytest.approx(0.25)
    assert set(table.seconds) == set(PHASES) and table.step_seconds == pytest.approx(0.6)
    assert table.own == pytest.approx([0.2, 0.5])  # the second is the slow one: the first waits for it
    assert table.readings == {
        "memory_used_share": 0.9, "disk_free_bytes": 3.0, "network_rate": 20.0, "gpu_throttle": 36.0,
    }  # fmt: skip
    assert across.said["memory_used_share"] == {"min": 0.5, "mean": 0.7, "max": 0.9, "rank": 1}


def test_what_one_rank_does_not_know_is_what_the_other_says():
    across = Across(meeting(row_of(Counts(steps=1), {}, {"gpu_celsius": 80.0})))
    table = across.gather(Counts(steps=1), {"data": 1.0}, {"gpu_celsius": math.nan, "cpu_percent": 5.0})
    assert table.readings == {"gpu_celsius": 80.0, "cpu_percent": 5.0}


def test_one_process_meets_nobody():
    accelerator = meeting()
    across = Across(accelerator)
    table = across.gather(Counts(steps=3, rows=6), {"data": 1.0}, {"cpu_percent": 5.0})
    assert accelerator.sent == [] and across.said == {}
    assert (table.ranks, table.counts.steps, table.own, table.readings) == (1, 3, [1.0], {"cpu_percent": 5.0})
