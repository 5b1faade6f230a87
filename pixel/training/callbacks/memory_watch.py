"""Watches the memory of a run: what it is made of, and whether it leaks."""

import gc
from typing import Any

import torch
from transformers import TrainerCallback

from pixel.monitoring.alerts import Alert, Alerts
from pixel.monitoring.memory.components import gradients, optimizer_states, weights
from pixel.monitoring.memory.leak import MIB, LeakDetector, Slope
from pixel.monitoring.memory.live import live_tensors
from pixel.monitoring.memory.peaks import resident


class MemoryWatch(TrainerCallback):
    """
    Measures memory after every log, and sends the alert `memory_leak` when it keeps growing after the warm-up.

    On a GPU that is the allocator's own count, on a CPU the resident set of the process. Weights, gradients and
    optimizer states by component are measured once, in the second step, for the report. Each rank watches itself;
    the main process alone sends alerts.

    Args:
        alerts: where to send.
        warm_up: logs before the watch begins.
        least_mib: growth that is not worth a word.
        live_tensors: every so many logs the tensors that Python can reach are counted as well, which takes tens to
            hundreds of milliseconds; 0 for never. The alert then names the kinds that there are most of.

    Raises:
        ValueError: a number out of its range.
    """

    def __init__(
        self, alerts: Alerts | None = None, warm_up: int = 10, least_mib: float = 64.0, live_tensors: int = 0
    ):
        if live_tensors < 0:
            raise ValueError(f"live_tensors is {live_tensors}; it must be 0 (never) or more")
        self.alerts = alerts if alerts is not None else Alerts()
        self.every = live_tensors
        self.detectors = {"memory": LeakDetector(warm_up, least=least_mib * MIB)}
        if live_tensors:
            self.detectors["tensors"] = LeakDetector(0, least=least_mib * MIB)
        self.parts: dict[str, dict[str, int]] = {}
        self.found: dict[str, Slope] = {}
        self._kinds: list = []
        self._logs = 0

    def on_pre_optimizer_step(self, args, state, control, model=None, optimizer=None, **kwargs):
        if "optimizer" not in self.parts and state.global_step >= 1 and hasattr(optimizer, "state"):
            self.parts = {
                "weights": weights(model),
                "gradients": gradients(model),
                "optimizer": optimizer_states(optimizer, model),
            }

    def on_log(self, args, state, control, logs=None, **kwargs):
        if not logs or "loss" not in logs:
            return
        self._logs += 1
        self._look("memory", state, float(resident()))
        if self.every and self._logs % self.every == 0:
            gc.collect()
            total, self._kinds = live_tensors()
            self._look("tensors", state, float(total))

    def _look(self, what: str, state, value: float) -> None:
        slope = self.detectors[what].update(state.global_step, value)
        if slope is None or what in self.found:
            return
        self.found[what] = slope
        if not state.is_world_process_zero:
            return
        words = "memory" if what == "memory" else "the memory of live tensors"
        said = (
            f"{words} grows by {slope.value / MIB:.3g} MiB a step "
            f"(99% interval {slope.low / MIB:.3g} to {slope.high / MIB:.3g})"
        )
        if self._kinds:
            kind, count, _ = self._kinds[0]
            said += f"; most of it in {count} tensors {kind}"
        mend = "keep no losses or outputs with their graph (detach them), and look at callbacks that gather"
        self.alerts.send(Alert("memory_leak", "warning", state.global_step, f"{said}. Mend: {mend}", vars(slope)))

    def report(self) -> dict[str, Any]:
        """Bytes by component, and the slope of each measure in bytes a step."""
        slopes = {name: detector.slope() for name, detector in self.detectors.items()}
        said: dict[str, Any] = {
            "bytes": self.parts,
            "slope": {name: None if slope is None else vars(slope) for name, slope in slopes.items()},
            "leaks": sorted(self.found),
        }
        if torch.cuda.is_available():
            said["peak_gpu_bytes"] = torch.cuda.max_memory_allocated()
        return said
