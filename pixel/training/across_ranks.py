"""Counts, times and readings of all ranks, put together at a log in one gathering."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

import torch

from pixel.monitoring.sampler import joined
from pixel.monitoring.throughput import Counts
from pixel.training.phase_hooks import PHASES

READINGS = (
    "cpu_percent", "process_cpu_percent", "load_per_core", "memory_bytes", "memory_used_share", "memory_limit_bytes",
    "swap_bytes", "swap_rate", "disk_free_bytes", "disk_used_share", "disk_read_rate", "disk_write_rate",
    "network_rate", "gpu_percent", "gpu_memory_busy_percent", "gpu_memory_bytes", "gpu_memory_limit_bytes",
    "gpu_celsius", "gpu_watts", "gpu_watts_limit", "gpu_clock_mhz", "gpu_clock_max_mhz", "gpu_throttle",
    "gpu_ecc_errors", "gpu_peak_bytes",
)  # fmt: skip
"""What may be read, in the order it travels; every rank sends all, NaN for what it does not know."""


@dataclass(frozen=True)
class Table:
    """
    Attributes:
        ranks: how many.
        counts: summed over ranks, `steps` of one.
        seconds: phase -> seconds a step, mean over ranks.
        step_seconds: the phases together.
        own: by rank, seconds a step without communication.
        readings: over the ranks, as `pixel.monitoring.sampler.joined` says.
    """

    ranks: int
    counts: Counts
    seconds: dict[str, float]
    step_seconds: float
    own: list[float]
    readings: dict[str, float]


class Across:
    """
    Gathers over the ranks of an accelerator.

    Attributes:
        said: of the last gathering: reading -> `min`, `mean`, `max` and the `rank` that has the highest, where there
            are several ranks.
    """

    def __init__(self, accelerator):
        self.accelerator, self.rank = accelerator, accelerator.process_index
        self.said: dict[str, dict[str, float]] = {}

    def gather(self, counts: Counts, seconds: Mapping[str, float], readings: Mapping[str, float]) -> Table:
        """Every rank calls it with its own; every rank gets the same."""
        row = counts.values() + [seconds.get(name, 0.0) for name in PHASES]
        row += [readings.get(name, math.nan) for name in READINGS]
        rows = [row]
        if self.accelerator.num_processes > 1:
            wide = torch.float32 if self.accelerator.device.type == "mps" else torch.float64
            mine = torch.tensor([row], dtype=wide, device=self.accelerator.device)
            rows = self.accelerator.gather(mine).tolist()
        return self._table(rows)

    def _table(self, rows: list[list[float]]) -> Table:
        count, phases = len(fields(Counts)), len(PHASES)
        total = Counts(*(sum(row[i] for row in rows) for i in range(count)))
        total.steps /= len(rows)
        times = [dict(zip(PHASES, row[count : count + phases], strict=True)) for row in rows]
        mean = {name: sum(time[name] for time in times) / len(times) for name in PHASES}
        own = [sum(time.values()) - time["communication"] for time in times]
        readings, self.said = {}, {}
        for place, name in enumerate(READINGS, start=count + phases):
            known = {rank: row[place] for rank, row in enumerate(rows) if not math.isnan(row[place])}
            if not known:
                continue
            most, middle = max(known, key=known.__getitem__), sum(known.values()) / len(known)
            readings[name] = joined(name, list(known.values()))
            if len(rows) > 1:
                spread = {"min": min(known.values()), "mean": middle, "max": known[most], "rank": most}
                self.said[name] = {key: float(f"{value:.6g}") for key, value in spread.items()}
        return Table(len(rows), total, mean, sum(mean.values()), own, readings)
