"""Watches what a run takes of its machines: time by phase, throughput, memory, disk, GPUs, and what holds it up."""

import os
import time
from collections import deque
from pathlib import Path
from statistics import median
from typing import Any

import torch
from transformers import TrainerCallback

from pixel.monitoring.alerts import Alert, Alerts
from pixel.monitoring.bottleneck import Finding, Observation, find
from pixel.monitoring.cgroup import usable_cores
from pixel.monitoring.gpu import Gpus
from pixel.monitoring.host import Host
from pixel.monitoring.mfu import mfu, peak_flops
from pixel.monitoring.phase_clock import CudaMarks, PhaseClock
from pixel.monitoring.rank_file import RankFile
from pixel.monitoring.sampler import Sampler, summary
from pixel.monitoring.throughput import Counts, rates
from pixel.training.across_ranks import Across
from pixel.training.collective_profile import CollectiveProfile
from pixel.training.ddp_wait import DdpWait
from pixel.training.phase_hooks import CLOSED, PHASES, PhaseHooks
from pixel.training.work_done import Work, count_batch


class ResourceWatch(TrainerCallback):
    """
    Adds to every training log:

    - `time/PHASE`: seconds a step (mean of the ranks), `time/step` their sum; over several ranks `time/own_max`, the
      slowest rank's without waiting, and `time/slowest_rank`.
    - `throughput/...`: tokens, padded tokens, rows, turns and steps a second of all ranks together, without the time
      of evaluations and checkpoints; `tflops`, and where the device's peak is known `mfu` and `hfu` (with what
      activation checkpointing computes twice), in [0, 1].
    - `resources/...`: readings of `Host` and `Gpus` since the last log; the highest rank's where it is a share, a
      temperature or a size, else the mean.

    Every rank writes its own to `OUTPUT/resources/rankN.jsonl`. What holds the run up is found by
    `pixel.monitoring.bottleneck`; it becomes an alert (`warning` where a person should act, else `info`) when it has
    stood for some logs, and again only after it was gone.

    Ranks talk to one another at logs alone, once.

    Args:
        trainer: a `PixelTrainer` or `TurnTrainer`.
        alerts: where findings go.
        interval: seconds between looks at the machine.
        patience: logs that an alarming finding must stand before it is told; the others four more.
        files: whether to write `resources/rankN.jsonl`.
        timing: whether to time the phases.
        profile_every: every so many steps torch's profiler tells `time/collective_share`, of the step in which a
            collective was under way, and `time/collective_share_alone`, in which a GPU did nothing else meanwhile:
            what can be seen of the gathers of ZeRO-3 and FSDP. That step is slower; 0 for never.

    Raises:
        ValueError: an interval that is not positive, or patience below 1.
    """

    def __init__(
        self, trainer, alerts: Alerts | None = None, interval: float = 5.0, patience: int = 2, files: bool = True,
        timing: bool = True, profile_every: int = 0,
    ):  # fmt: skip
        if patience < 1:
            raise ValueError(f"patience is {patience}; it must be at least 1")
        self.trainer, self.alerts = trainer, alerts if alerts is not None else Alerts()
        self.patience, self.timing = patience, timing
        self.cuda = trainer.args.device.type == "cuda"
        self._host = Host(trainer.args.output_dir)
        self._gpus = Gpus([str(torch.cuda.get_device_properties(trainer.args.device).uuid)] if self.cuda else [])
        self.sampler = Sampler(self._look, interval)
        self.profile = CollectiveProfile(profile_every)
        self.clock = PhaseClock(CLOSED, CudaMarks() if self.cuda else None)
        self.across = Across(trainer.accelerator)
        self.file = RankFile(Path(trainer.args.output_dir) / "resources", self.across.rank, files)
        self.cost = 0.0  # seconds at logs
        self._hooks: PhaseHooks | None = None
        self._counts = Counts()
        self._totals: dict[str, float] = {}
        self._stood: dict[str, int] = {}
        self._found: dict[str, Finding] = {}
        self._lost: dict[str, float] = {}
        self._usual: deque[float] = deque(maxlen=50)
        self._last: dict[str, Any] = {}
        self._seen_at, self._logged, self._told = 0.0, 0, False

    def _look(self) -> dict[str, float]:
        gpus = self._gpus.read()
        return self._host.read() | (gpus[0] if gpus else {})

    # ── the run ──

    def on_train_begin(self, args, state, control, **kwargs):
        trainer = self.trainer
        trunk = hasattr(trainer, "processing_class") and not hasattr(trainer, "table")
        self.work = Work(trainer.pixel, bool(args.activation_checkpointing), trunk=trunk)
        self.peak = peak_flops(torch.cuda.get_device_name(args.device), self._dtype()) if self.cuda else None
        self._pad = getattr(getattr(trainer, "processing_class", None), "pad_token_id", None)
        self._read_only = bool(getattr(trainer, "_may_read_only", False))
        self._logged, self._seen_at = state.global_step, time.monotonic()
        self._wait = DdpWait(trainer.model_wrapped, 10 if self.cuda else 1)
        if self._hooks is not None:
            self._hooks.detach()  # of a training that an error ended
        self._hooks = PhaseHooks(trainer, self.clock, self._count)
        if self.timing:
            self._hooks.attach()
        self.clock.start()
        self.sampler.start()
        if self.entries not in trainer.log_sources:
            trainer.log_sources.append(self.entries)

    def _dtype(self) -> str:
        args = self.trainer.args
        return "bfloat16" if args.bf16 else "float16" if args.fp16 else str(self.trainer.pixel.dtype).split(".")[-1]

    def _count(self, batches: list) -> None:
        for batch in batches:
            self._counts = self._counts + count_batch(batch, self._pad, self._read_only)

    def on_step_begin(self, args, state, control, **kwargs):
        self.profile.begin(state.global_step)

    def on_step_end(self, args, state, control, **kwargs):
        self.profile.end()
        self._wait.after_step()
        self.clock.fold()

    def on_train_end(self, args, state, control, **kwargs):
        self._add(self.clock.read())
        self._hooks.detach()
        self.sampler.stop()
        self._gpus.close()
        if self.entries in self.trainer.log_sources:
            self.trainer.log_sources.remove(self.entries)

    # ── a log ──

    def entries(self) -> dict[str, float]:
        """What goes into the log now. Called on every rank."""
        started = time.perf_counter()
        state = self.trainer.state
        steps, self._logged = state.global_step - self._logged, state.global_step
        seconds = self.clock.read()
        if steps <= 0 or not seconds:
            return {}
        waited = min(self._wait.read(steps), seconds.get("backward", 0.0))
        if waited:
            seconds["backward"] -= waited
            seconds["communication"] = seconds.get("communication", 0.0) + waited
        self._add(seconds)
        readings = summary(self.sampler.since(self._seen_at))
        self._seen_at = time.monotonic()
        if self.cuda:
            readings["gpu_peak_bytes"] = float(torch.cuda.max_memory_allocated(self.trainer.args.device))
        counts, self._counts = self._counts.numbers(), Counts()
        counts.steps = steps
        table = self.across.gather(counts, {name: seconds.get(name, 0.0) / steps for name in PHASES}, readings)
        logs = self._said(table)
        self._write(state.global_step, counts, seconds, readings)
        if state.is_world_process_zero:
            self._judge(state.global_step, table, logs)
        self._last = logs
        self.cost += time.perf_counter() - started
        return logs

    def _said(self, table) -> dict[str, float]:
        working = table.step_seconds - sum(table.seconds[name] for name in CLOSED)
        seconds = working * table.counts.steps
        logs = {f"throughput/{name}": value for name, value in rates(table.counts, seconds).items()}
        flops = self.work.flops(table.counts)
        if flops is not None and seconds > 0:
            logs["throughput/tflops"] = flops[0] / seconds / 1e12
            share = mfu(flops[0] / seconds, self.peak, table.ranks)
            if share is not None:
                logs |= {"throughput/mfu": share, "throughput/hfu": mfu(flops[1] / seconds, self.peak, table.ranks)}
        logs |= {f"time/{name}": value for name, value in table.seconds.items()}
        logs["time/step"] = table.step_seconds
        if table.ranks > 1:
            slowest = max(range(table.ranks), key=table.own.__getitem__)
            logs |= {"time/own_max": table.own[slowest], "time/slowest_rank": float(slowest)}
        logs |= self.profile.last
        return logs | {f"resources/{name}": value for name, value in table.readings.items()}

    def _judge(self, step: int, table, logs: dict[str, float]) -> None:
        now, usual = logs.get("throughput/steps_per_second"), list(self._usual)
        batches = table.counts.steps * self.trainer.args.gradient_accumulation_steps * table.ranks
        seen = Observation(
            shares={name: value / table.step_seconds for name, value in table.seconds.items()},
            padding=logs.get("throughput/padding"),
            tokens=table.counts.slots / batches if table.counts.slots else None,
            accelerator=self.cuda,
            workers=self.trainer.args.dataloader_num_workers,
            processes=int(os.environ.get("LOCAL_WORLD_SIZE", table.ranks)),
            threads=torch.get_num_threads(),
            cores=usable_cores(),
            resources=table.readings,
            own_seconds=table.own,
            steps_per_second=now,
            usual_steps_per_second=median(usual) if len(usual) >= 5 else None,
        )
        if now:
            self._usual.append(now)
        found = {finding.kind: finding for finding in find(seen)}
        self._stood = {kind: self._stood.get(kind, 0) + 1 for kind in found}
        for kind, finding in found.items():
            self._found[kind] = finding
            lost = finding.weight * table.step_seconds * table.counts.steps
            self._lost[kind] = self._lost.get(kind, 0.0) + lost
            if self._stood[kind] == self.patience + (0 if finding.alarming else 4):
                severity = "warning" if finding.alarming else "info"
                self.alerts.send(Alert(kind, severity, step, finding.message, {"weight": round(finding.weight, 4)}))
        late = self.sampler.stalled()
        if late is not None and not self._told:
            message = f"nobody has heard from the machine for {late:.0f} s. Mend: look at its GPU driver and its disks"
            self.alerts.send(Alert("sampler_hung", "warning", step, message, {"seconds": late}))
        self._told = late is not None

    def _add(self, seconds: dict[str, float]) -> None:
        for name, value in seconds.items():
            self._totals[name] = self._totals.get(name, 0.0) + value

    def _write(self, step: int, counts: Counts, seconds: dict[str, float], readings: dict[str, float]) -> None:
        self.file.write({
            "step": step, "time": round(time.time(), 3), "steps": counts.steps, "tokens": counts.tokens,
            "slots": counts.slots, "rows": counts.rows, "resources": readings,
            "seconds": {name: round(value, 6) for name, value in seconds.items()},
        })  # fmt: skip

    # ── the report ──

    def report(self) -> dict[str, Any]:
        """Seconds by phase, what held the run up, the last figures, and what watching cost."""
        whole = sum(self._totals.values()) or 1.0
        lost = {kind: seconds / whole for kind, seconds in sorted(self._lost.items(), key=lambda item: -item[1])}
        return {
            "seconds": {name: round(value, 3) for name, value in sorted(self._totals.items(), key=lambda x: -x[1])},
            "held_up_by": [
                {"kind": kind, "share": round(share, 3), "last": self._found[kind].message}
                for kind, share in lost.items()
            ],
            "last": {name: float(f"{value:.6g}") for name, value in self._last.items()},
            "ranks": self.across.said,
            "cost_seconds": round(self.cost + self.sampler.spent, 3),
            **({"no_flops": self.work.reason} if getattr(self, "work", None) and self.work.reason else {}),
        }
