"""How long the backward pass waits for DDP's all-reduce after its own work is done."""

from typing import Any

import torch

SECOND = 1e9


class DdpWait:
    """
    Reads what DDP's reducer measures of itself: communication less what overlaps with computing.

    torch times the sampled steps (with events on a GPU, where it then waits for the last of them); nothing is added to
    the gradients' way.

    Args:
        model: as wrapped for training; one that is not DDP has no waits.
        every: steps between samples.
    """

    def __init__(self, model: Any, every: int = 1):
        self.model = model if isinstance(model, torch.nn.parallel.DistributedDataParallel) else None
        self.every = every
        self._steps = self._sampled = 0
        self._seconds, self._last = 0.0, None
        if self.model is not None:
            self.model._set_ddp_runtime_logging_sample_rate(every)

    def after_step(self) -> None:
        """Look at the step that ended."""
        if self.model is None:
            return
        self._steps += 1
        if self._steps % self.every:
            return
        said = self.model._get_ddp_logging_data()
        start = said.get("backward_comm_time_start")
        if start is None or start == self._last:  # nothing new
            return
        self._last = start
        exposed = said["backward_comm_time"] - said["backward_compute_comm_overlap_time"]
        self._seconds += max(exposed, 0) / SECOND
        self._sampled += 1

    def read(self, steps: int) -> float:
        """Seconds of waiting in the `steps` since the last call, scaled up from those sampled."""
        found = self._seconds / self._sampled * steps if self._sampled else 0.0
        self._seconds, self._sampled = 0.0, 0
        return found
