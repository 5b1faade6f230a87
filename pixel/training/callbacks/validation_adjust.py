"""What held-out losses change while a model trains: the loss weights, and the learning rate of each group."""

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any

from transformers import TrainerCallback
from transformers.trainer_callback import ExportableState

from pixel.monitoring.alerts import Alert, Alerts
from pixel.training.callbacks.held_out import held_out_losses

SEVERITY = {"objective_crisis": "warning"}
"""Kind of an event of the loss weights -> severity of its alert; `info` for others."""

REMEMBERED = ("best", "waited", "resting", "lowered", "last_step")


class ValidationAdjust(TrainerCallback, ExportableState):
    """
    After each evaluation: hands the objectives' held-out losses to the loss weights, and lowers the learning rate of
    each parameter group when all objectives have stalled.

    An objective has stalled when its loss has not fallen by `threshold` of its best for `patience` evaluations. As
    long as one still improves, rates are left alone: its neighbours' stall is the loss weights' business. Lowered are
    the bases of the schedule, so its shape goes on at the lower level; a checkpoint of the scheduler keeps them.

    Args:
        loss_weights: with `validate(losses) -> events` that have `kind` and `message`; `None`: rates only.
        factor: what a rate is multiplied by, in (0, 1]; a sequence has one a parameter group (1 leaves it alone).
        patience: evaluations; 0 never lowers.
        threshold: relative improvement that counts.
        min_rate: no base rate goes below it.
        cooldown: evaluations after a change in which nothing is counted.
        field_weights: of the fields in their objectives, as in training.
        alerts: told of each event and change.

    Raises:
        ValueError: a factor out of range.
    """

    def __init__(
        self,
        loss_weights=None,
        factor: float | Sequence[float] = 0.5,
        patience: int = 3,
        threshold: float = 1e-3,
        min_rate: float = 0.0,
        cooldown: int = 1,
        field_weights: Mapping[str, float] | None = None,
        alerts: Alerts | None = None,
    ):
        if not all(0 < each <= 1 for each in ([factor] if isinstance(factor, (int, float)) else factor)):
            raise ValueError(f"factor must be above 0 and at most 1, found {factor}")
        self.loss_weights, self.factor, self.patience, self.threshold = loss_weights, factor, patience, threshold
        self.min_rate, self.cooldown, self.field_weights = min_rate, cooldown, dict(field_weights or {})
        self.alerts = alerts if alerts is not None else Alerts()
        self.best: dict[str, float] = {}
        self.waited: dict[str, int] = {}
        self.resting = self.lowered = 0
        self.last_step = -1

    def state(self) -> dict:
        options = ("factor", "patience", "threshold", "min_rate", "cooldown", "field_weights")
        return {"args": {name: getattr(self, name) for name in options}, "attributes": {"memory": self.memory}}

    @property
    def memory(self) -> dict[str, Any]:
        """What a resumed run goes on from."""
        return copy.deepcopy({name: getattr(self, name) for name in REMEMBERED})

    @memory.setter
    def memory(self, kept: Mapping[str, Any]) -> None:
        for name in REMEMBERED:
            setattr(self, name, copy.deepcopy(kept[name]))

    def on_evaluate(self, args, state, control, metrics=None, optimizer=None, lr_scheduler=None, **kwargs):
        losses = held_out_losses(metrics or {}, self.field_weights)
        if not losses or state.global_step == self.last_step:
            return
        self.last_step = state.global_step
        if self.loss_weights is not None:
            for event in self.loss_weights.validate(losses):
                self._tell(state, event.kind, SEVERITY.get(event.kind, "info"), event.message)
        if self.patience and self.all_stalled(losses):
            self._lower(state, optimizer, lr_scheduler)

    def all_stalled(self, losses: Mapping[str, float]) -> bool:
        """Take in the losses of an evaluation; whether none has improved for long enough."""
        for name, loss in losses.items():
            best = self.best.get(name, math.inf)
            if loss < best - self.threshold * abs(best) if math.isfinite(best) else math.isfinite(loss):
                self.best[name], self.waited[name] = loss, 0
            elif not self.resting:
                self.waited[name] = self.waited.get(name, 0) + 1
        if self.resting:
            self.resting -= 1
            return False
        return all(self.waited[name] >= self.patience for name in losses)

    def _lower(self, state, optimizer, lr_scheduler) -> None:
        scheduler = getattr(lr_scheduler, "scheduler", lr_scheduler)
        groups = getattr(optimizer, "param_groups", None)
        if groups is None:
            return
        factors = [self.factor] * len(groups) if isinstance(self.factor, (int, float)) else list(self.factor)
        if len(factors) != len(groups):
            raise ValueError(f"{len(factors)} factors for {len(groups)} parameter groups; give one for each")
        changes = []
        for number, (group, factor) in enumerate(zip(groups, factors, strict=True)):
            base = group.get("initial_lr", group["lr"])
            new = max(base * factor, min(base, self.min_rate))
            if new >= base:
                continue
            ratio = new / base
            group["lr"] = group["lr"] * ratio
            if "initial_lr" in group:
                group["initial_lr"] = new
            for rates in (getattr(scheduler, "base_lrs", None), getattr(scheduler, "_last_lr", None)):
                if rates is not None:
                    rates[number] *= ratio
            changes.append(f"group {number} from {base:.3g} to {new:.3g}")
        self.waited = dict.fromkeys(self.waited, 0)
        self.resting = self.cooldown
        if changes:
            self.lowered += 1
            stalled = f"no objective's held-out loss improved for {self.patience} evaluations"
            self._tell(state, "learning_rate_lowered", "info", f"{stalled}: base rate of {', '.join(changes)}")

    def _tell(self, state, kind: str, severity: str, message: str) -> None:
        if state.is_world_process_zero:
            self.alerts.send(Alert(kind, severity, state.global_step, message))
