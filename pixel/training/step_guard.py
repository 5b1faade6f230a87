"""A gradient that is not finite: seen before the optimizer takes it, on all ranks at once, and remembered."""

import math
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from pixel.monitoring.alerts import Alert
from pixel.training.bad_steps import BadSteps

MODES = ("stop", "skip", "ignore")


class NonFiniteStep(RuntimeError):
    """
    A loss or gradient was NaN or infinite, and the optimizer has not taken it.

    Nothing is lost: training goes on from the last checkpoint. `step` is the optimizer step, counted from 1.
    """

    def __init__(self, step: int, message: str):
        super().__init__(message)
        self.step = step


class GuardedSteps:
    """
    A mixin before `transformers.Trainer` that does what `args.non_finite` says.

    `stop`: [`NonFiniteStep`] is raised before the parameters change, the step is noted in OUTPUT/bad_steps.json, and
    if the same data does it again in a later attempt, the step is left out. `skip`: it is left out at once. `ignore`:
    nothing is looked at. A step that is left out changes neither parameters nor optimizer states, by a single bit;
    schedule and counters go on, and an alert says so.

    The gradient norm is the one the trainer has measured for clipping. Under plain and fully sharded data parallel it
    is already that of all ranks; one flag is summed besides, for a rank whose loss is lost without its gradient.
    Reading it waits for the backward pass to end.

    DeepSpeed steps inside its backward pass. ZeRO-3 in any precision, ZeRO-1 and 2 in float32, and in bfloat16 unless
    `bf16.check_grad_overflow` is false, leave out a step whose norm is not finite by themselves; what is left to do is
    to say so. float16 is left to its loss scaler, which meets overflow as part of its work.
    """

    _bad_steps: BadSteps | None = None
    _step_batches: Sequence[Mapping] = ()
    _lost_loss: Tensor | None = None
    _loss_before: Tensor | None = None
    _left_out = 0

    @property
    def bad_steps(self) -> BadSteps:
        """The steps that went wrong so far, in this attempt or earlier ones."""
        if self._bad_steps is None:
            self._bad_steps = BadSteps(Path(self.args.output_dir) / "bad_steps.json")
        return self._bad_steps

    @property
    def _guarding(self) -> bool:
        if self.args.non_finite == "ignore":
            return False
        return self.accelerator.scaler is None and getattr(self.accelerator, "mixed_precision", "no") != "fp16"

    # ── what the trainer tells ──

    def get_batch_samples(self, epoch_iterator, num_batches, device):
        """Keeps the batches of the step at hand, to know them again."""
        batches, num_items = super().get_batch_samples(epoch_iterator, num_batches, device)
        self._step_batches, self._lost_loss = batches, None
        self._loss_before = self._tr_loss.clone() if self._guarding else None
        return batches, num_items

    def training_step(self, model, inputs, num_items_in_batch=None):
        """Notes whether the loss of the micro-batch is finite; stays on the device."""
        loss = super().training_step(model, inputs, num_items_in_batch)
        if self._guarding:
            lost = ~loss.detach().isfinite().all()
            self._lost_loss = lost if self._lost_loss is None else self._lost_loss | lost
        return loss

    def _get_grad_norm(self, model, grad_norm=None):
        norm = super()._get_grad_norm(model, grad_norm)
        if self._guarding and self._is_bad(norm):
            self._meet(model, math.nan if norm is None else float(norm))
        self._step_batches = ()
        return norm

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """The mean loss is that of the steps that were taken; NaN where there was none."""
        if "loss" in logs and self._left_out:
            steps = max(self._logged_over, self._left_out)
            taken = steps - self._left_out
            loss = logs["loss"] * steps / taken if taken else math.nan
            logs = logs | {"loss": loss, "steps_left_out": self._left_out}
            self._left_out = 0
        if "loss" in logs:
            self._logged_at = self.state.global_step
        super().log(logs, start_time)

    @property
    def _logged_over(self) -> int:
        return self.state.global_step - getattr(self, "_logged_at", self._initial_global_step)

    # ── what is done about it ──

    def _is_bad(self, norm) -> bool:
        """Whether any rank holds a loss or gradient that is not finite; the same answer on all."""
        norm = norm.detach() if isinstance(norm, Tensor) else torch.tensor(float(0.0 if norm is None else norm))
        norm = norm.full_tensor() if hasattr(norm, "full_tensor") else norm
        lost = self._lost_loss if self._lost_loss is not None else torch.zeros((), dtype=torch.bool)
        bad = (~norm.isfinite()).to(lost.device).any() | lost
        return self._summed(bad.long()) > 0

    def _summed(self, value: Tensor) -> int:
        if self.accelerator.num_processes == 1:
            return int(value)
        return int(self.accelerator.reduce(value.to(self.accelerator.device).reshape(1), "sum"))

    def _meet(self, model, norm: float) -> None:
        """Stop, or leave the step out. The main process remembers; all do what it says."""
        step = self.state.global_step + 1
        data = self._summed(torch.tensor(fingerprint(self._step_batches)))
        leave_out = self.args.non_finite == "skip"
        if self.accelerator.is_main_process:
            leave_out = self.bad_steps.met_before(step, data) or leave_out
            self._note(step, data, norm, leave_out)
        leave_out = self._summed(torch.tensor(int(leave_out and self.accelerator.is_main_process))) > 0
        if not leave_out:
            message = (
                f"step {step}: the gradient is not finite (norm {norm}); the optimizer has not taken it. Mend: start "
                f"again from the last checkpoint; if the same data does it again, the step is left out "
                f"(bad_steps.json, non_finite: stop | skip | ignore)"
            )
            self.alerts.send(Alert("non_finite_step", "error", step, message, {"grad_norm": norm}))
            raise NonFiniteStep(step, message)
        self._leave_out(model, step)
        why = "for the second time with the same data" if self.args.non_finite == "stop" else "non_finite: skip"
        message = f"the gradient of step {step} is not finite, {why}: the step is left out. Mend: look at its rows"
        self.alerts.send(Alert("step_left_out", "error", step, message, {"grad_norm": norm}))

    def _note(self, step: int, data: int, norm: float, leave_out: bool) -> None:
        """A disk that is full must not keep this process from what the others wait for."""
        try:
            self.bad_steps.note(step, data, norm, leave_out)
        except OSError as error:
            message = (
                f"{self.bad_steps.file} cannot be written ({error.strerror}). Mend: free space, or the step stops"
            )
            self.alerts.send(Alert("bad_steps_lost", "warning", step, f"{message} the run each time"))

    def _leave_out(self, model, step: int) -> None:
        """Without gradients no optimizer changes a parameter, a momentum or a count."""
        self._left_out += 1
        self._tr_loss.copy_(self._loss_before)
        if not self.is_deepspeed_enabled:
            model.zero_grad(set_to_none=True)
            return
        optimizer = self.accelerator.deepspeed_engine_wrapped.engine.optimizer
        if not getattr(optimizer, "overflow", False):
            raise NonFiniteStep(
                step,
                f"step {step}: DeepSpeed has taken a gradient that is not finite and cannot leave it out. Mend: in "
                f"its configuration set bf16.check_grad_overflow: true, or ZeRO stage 3",
            )
        optimizer.overflow = False  # it has left the step out; the schedule goes on

    # ── data workers ──

    def _get_dataloader(self, *args, **kwargs):
        """A worker that hangs is an error after `args.data_timeout` seconds, and not a run that waits for ever."""
        loader = super()._get_dataloader(*args, **kwargs)
        if self.args.dataloader_num_workers > 0 and self.args.data_timeout > 0:
            for part in (loader, getattr(loader, "base_dataloader", None)):
                if part is not None and hasattr(part, "timeout"):
                    part.timeout = self.args.data_timeout
        return loader


def fingerprint(batches: Sequence[Mapping]) -> int:
    """
    A number in `0 .. 2**32 - 1` by which the batches of a step are known again.

    Args:
        batches: micro-batches of tensors by name; what is no tensor is passed over.
    """
    found = 0
    for batch in batches:
        for name in sorted(batch):
            if isinstance(batch[name], Tensor):
                raw = batch[name].detach().cpu().contiguous().reshape(-1).view(torch.uint8)
                found = zlib.crc32(raw.numpy().tobytes(), zlib.crc32(name.encode(), found))
    return found
