"""Tells a clock which phase of a step a trainer is in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from pixel.monitoring.phase_clock import PhaseClock

PHASES = (
    "data", "forward", "backward", "balancing", "optimizer", "communication", "evaluation", "saving", "callbacks",
    "logging", "other",
)  # fmt: skip
"""`communication` is waiting for other ranks that this rank can see: collectives that the trainer calls, the exchange
of buffers under DDP, and what is left of its all-reduce when the backward pass is done. Under ZeRO-3 and FSDP gathers
run inside forward and backward, on a stream of their own, and count there. `balancing` is the LoRA probe; weights at
the fork are part of `backward`."""

CLOSED = ("evaluation", "saving")


class PhaseHooks:
    """
    Wraps methods of one trainer object, and takes the wraps off again.

    Nothing is put on what is pickled or copied: the network, and schedulers, whose state is all they hold.

    Under DeepSpeed the engine steps inside `accelerator.backward`; its step counts as `optimizer` all the same.

    Args:
        trainer: a `transformers.Trainer` whose training has begun (model and optimizer are prepared).
        clock: told of every change.
        after_batches: called with what `get_batch_samples` returned, inside `data`.
    """

    def __init__(self, trainer, clock: PhaseClock, after_batches: Callable[[list], None] = lambda batches: None):
        self.trainer, self.clock, self.after_batches = trainer, clock, after_batches
        self._wrapped: list[tuple[Any, str]] = []

    def attach(self) -> None:
        """Put the wraps on."""
        trainer, accelerator = self.trainer, self.trainer.accelerator
        self._wrap(trainer, "get_batch_samples", "data", self.after_batches)
        self._wrap(trainer, "training_step", "forward")
        self._wrap(accelerator, "backward", "backward")
        if getattr(trainer, "probe", None) is not None:
            self._wrap(trainer.probe, "before_step", "balancing")
        for owner, name in (
            (trainer, "_clip_grad_norm"),
            (trainer, "_get_grad_norm"),
            (trainer.optimizer, "step"),
        ):
            self._wrap(owner, name, "optimizer")
        engine = getattr(getattr(accelerator, "deepspeed_engine_wrapped", None), "engine", None)
        if engine is not None:
            self._wrap(engine, "step", "optimizer")
        if accelerator.num_processes > 1:
            for name in ("reduce", "gather", "gather_for_metrics", "wait_for_everyone"):
                self._wrap(accelerator, name, "communication")
            self._wrap(trainer.model_wrapped, "_sync_buffers", "communication")  # DDP's, before each forward pass
        self._wrap(trainer, "evaluate", "evaluation")
        self._wrap(trainer, "_save_checkpoint", "saving")
        self._wrap(trainer, "log", "logging")
        self._wrap(trainer.callback_handler, "call_event", "callbacks")

    def detach(self) -> None:
        """Take them off."""
        for owner, name in reversed(self._wrapped):
            vars(owner).pop(name, None)
        self._wrapped = []

    def _wrap(self, owner: Any, name: str, phase: str, then: Callable | None = None) -> None:
        method = getattr(owner, name, None)
        if method is None or name in vars(owner):  # somebody else has wrapped it on this object: theirs stays
            return
        clock = self.clock

        @wraps(method)
        def timed(*args, **kwargs):
            with clock.phase(phase):
                result = method(*args, **kwargs)
                if then is not None:
                    then(result[0])
                return result

        object.__setattr__(owner, name, timed)
        self._wrapped.append((owner, name))
