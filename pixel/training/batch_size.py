"""Rows a device and accumulation as `tokens_per_step` asks, and what to do when memory runs out."""

import os

import torch
from accelerate.utils.memory import clear_device_cache, should_reduce_batch_size
from transformers.utils import logging

from pixel.planning.errors import PlanError
from pixel.planning.step_shape import StepShape, shape_of_step
from pixel.training.arguments import SettingError

logger = logging.get_logger(__name__)


def settle_step(arguments) -> StepShape | None:
    """
    Put what `tokens_per_step` asks for into `per_device_train_batch_size` and `gradient_accumulation_steps`; say so.

    Must run before transformers copies them into DeepSpeed's configuration, whose own should be `auto`. Rows a device
    are as many as `tokens_per_device` holds; without it, at most the given batch size.

    Args:
        arguments: `PixelTrainingArguments` before transformers has looked at them.

    Returns:
        what was chosen, or `None` where nothing was asked.

    Raises:
        SettingError: see [`shape_of_step`].
    """
    wanted, budget = arguments.tokens_per_step, arguments.tokens_per_device
    if wanted is None:
        if budget is not None:
            raise SettingError("tokens_per_device only bounds tokens_per_step. Mend: set tokens_per_step as well")
        return None
    if arguments.max_length is None:
        raise SettingError("tokens_per_step must know how long a row is. Mend: set max_length, e.g. 4096")
    most = arguments.per_device_train_batch_size if budget is None else budget // arguments.max_length
    try:
        shape = shape_of_step(wanted, arguments.max_length, processes_of(arguments), most)
    except PlanError as error:
        raise SettingError(str(error)) from error
    arguments.per_device_train_batch_size = shape.rows
    arguments.gradient_accumulation_steps = shape.accumulation
    if os.environ.get("RANK", "0") == "0":
        full = "" if arguments.packing else " at most: rows are not packed, so shorter ones leave it unfilled"
        print(f"tokens_per_step {wanted}: {shape}{full}", flush=True)
    return shape


def processes_of(arguments) -> int:
    """Devices that take rows of their own: processes launched, or the GPUs of a single process."""
    if "WORLD_SIZE" in os.environ:
        return int(os.environ["WORLD_SIZE"])
    return 1 if arguments.use_cpu else max(1, torch.cuda.device_count())


class FittingBatches:
    """
    A mixin before `transformers.Trainer`: with `auto_find_batch_size`, a batch that does not fit is halved and
    accumulation doubled, so that an optimizer step stays what it was.

    transformers' own takes a tenth off and leaves accumulation: the step shrinks, and with it the gradient's scale.
    """

    def _inner_training_loop(self, batch_size=None, args=None, **kwargs):
        args = args or self.args
        if not args.auto_find_batch_size:
            return super()._inner_training_loop(batch_size=batch_size, args=args, **kwargs)
        if self.accelerator.num_processes > 1:
            raise SettingError(
                "auto_find_batch_size works in one process: where one of several runs out of memory, the others wait "
                "for it. Mend: leave it out, halve per_device_train_batch_size and double gradient_accumulation_steps"
            )
        while True:
            start = self.state.global_step
            try:
                return super()._inner_training_loop(batch_size=batch_size, args=args, **kwargs)
            except Exception as error:
                if not should_reduce_batch_size(error):
                    raise
                self._halve(batch_size, start)
                batch_size //= 2

    def _halve(self, batch_size: int, start: int) -> None:
        """
        Raises:
            SettingError: one row does not fit, or weights have already moved.
        """
        rows, accumulation = batch_size // (2 * max(1, self.args.n_gpu)), 2 * self.args.gradient_accumulation_steps
        if rows < 1:
            raise SettingError("one row is too much for this device. Mend: lower max_length, or shard the model")
        if self.state.global_step > start:
            raise SettingError(
                f"memory ran out in step {self.state.global_step + 1}, after steps that cannot be taken back. Mend: "
                f"resume with per_device_train_batch_size {rows} and gradient_accumulation_steps {accumulation}, "
                "which is the same step"
            )
        clear_device_cache(garbage_collection=True)
        self.model.zero_grad(set_to_none=True)
        self.args.per_device_train_batch_size, self.args.gradient_accumulation_steps = rows, accumulation
        logger.warning(
            f"Out of memory with {2 * rows} rows a device: going on with {rows}, and {accumulation} accumulated. "
            "A step stays as large."
        )
