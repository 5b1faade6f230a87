"""How much of a step has a collective under way: torch's profiler over one step in many, for ZeRO-3 and FSDP."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch

COLLECTIVES = ("gloo:", "nccl:", "ncclDevKernel", "ncclKernel")
"""Starts of the names that torch gives to collectives, on the host and on the GPU."""

Interval = tuple[float, float]


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same stretch of time in intervals that do not touch, in order."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def length(intervals: Sequence[Interval]) -> float:
    """Of intervals that do not touch."""
    return sum(end - start for start, end in intervals)


def shares(events: Iterable[Any], span: float) -> tuple[float, float]:
    """
    Share of a span in which a collective was under way, and in which nothing else was computed meanwhile.

    On a GPU both are of its kernels. On a CPU, where a collective runs in a thread of its own, what is computed
    meanwhile is not told apart from waiting: both shares are the same there.

    Args:
        events: of `torch.profiler.profile.events()`: `name`, `device_type`, `time_range` in microseconds.
        span: microseconds.
    """
    events = list(events)
    found = {"host": [], "gpu": [], "work": []}
    for event in events:
        stretch = (event.time_range.start, event.time_range.end)
        gpu = event.device_type == torch.autograd.DeviceType.CUDA
        if event.name.startswith(COLLECTIVES):
            found["gpu" if gpu else "host"].append(stretch)
        elif gpu:
            found["work"].append(stretch)
    busy = union(found["gpu"] or found["host"])
    if not span:
        return 0.0, 0.0
    if not found["gpu"]:
        return length(busy) / span, length(busy) / span
    work = union(found["work"])
    both = length(work) + length(busy) - length(union([*work, *busy]))
    return length(busy) / span, (length(busy) - both) / span


class CollectiveProfile:
    """
    Profiles one step in `every`; that step is slower for it.

    Args:
        every: steps between profiles; 0 for none.
    """

    def __init__(self, every: int = 0):
        if every < 0:
            raise ValueError(f"profile_every is {every}; it must be 0 (never) or more")
        self.every, self._profile = every, None
        self.last: dict[str, float] = {}

    def begin(self, step: int) -> None:
        """Before a step."""
        if self.every and step % self.every == 0 and self._profile is None:
            kinds = [torch.profiler.ProfilerActivity.CPU]
            if torch.cuda.is_available():
                kinds.append(torch.profiler.ProfilerActivity.CUDA)
            self._profile = torch.profiler.profile(activities=kinds)
            self._profile.__enter__()

    def end(self) -> None:
        """After it."""
        if self._profile is None:
            return
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        profile, self._profile = self._profile, None
        profile.__exit__(None, None, None)
        events = profile.events()
        ends = [(event.time_range.start, event.time_range.end) for event in events]
        span = max(end for _, end in ends) - min(start for start, _ in ends) if ends else 0.0
        busy, alone = shares(events, span)
        self.last = {"time/collective_share": busy, "time/collective_share_alone": alone}
