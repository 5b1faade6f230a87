"""From a number of tokens an optimizer step to rows a device and accumulation, and what to do when memory runs out."""

import os
from dataclasses import dataclass

import torch
from accelerate.utils.memory import clear_device_cache, should_reduce_batch_size
from transformers.utils import logging

from pixel.training.arguments import SettingError

logger = logging.get_logger(__name__)
CLOSE = 0.05
"""A larger batch is worth this share of the asked tokens."""


@dataclass(frozen=True)
class StepShape:
    """
    Attributes:
        rows: a device and forward pass.
        accumulation: forward passes a step.
        processes: devices.
        row_tokens: the most a row holds.
    """

    rows: int
    accumulation: int
    processes: int
    row_tokens: int

    @property
    def tokens(self) -> int:
        """Of a full step."""
        return self.rows * self.accumulation * self.processes * self.row_tokens

    def __str__(self) -> str:
        return (
            f"{self.rows} rows of {self.row_tokens} tokens x {self.processes} processes x {self.accumulation} "
            f"accumulated = {self.tokens} tokens"
        )


def shape_of_step(tokens: int, row_tokens: int, processes: int, most_rows: int) -> StepShape:
    """
    The largest batch a device, up to `most_rows`, that comes within 5 percent of `tokens` a step; where none does,
    the one that comes closest.

    Args:
        tokens: wanted an optimizer step, over all processes.
        row_tokens: the most a row holds (packed rows are nearly full).
        processes: that each take rows of their own.
        most_rows: that fit on a device at once.

    Raises:
        SettingError: fewer tokens than one row on every process, or no row fits.

    Example:
        >>> print(shape_of_step(131072, 4096, 8, 2))
        2 rows of 4096 tokens x 8 processes x 2 accumulated = 131072 tokens
    """
    if most_rows < 1:
        raise SettingError(
            f"tokens_per_device does not hold one row of {row_tokens} tokens. Mend: raise it, or lower max_length"
        )
    least = row_tokens * processes
    if tokens < least * (1 - CLOSE):
        raise SettingError(
            f"tokens_per_step is {tokens}, and one row of {row_tokens} tokens on each of {processes} processes is "
            f"{least}. Mend: raise it to {least}, lower max_length, or launch fewer processes"
        )
    found = []
    for rows in range(1, most_rows + 1):
        accumulation = max(1, round(tokens / (least * rows)))
        shape = StepShape(rows, accumulation, processes, row_tokens)
        found.append((abs(shape.tokens - tokens) / tokens, -rows, shape))
    good = [entry for entry in found if entry[0] <= CLOSE]
    return min(good, key=lambda entry: entry[1])[2] if good else min(found, key=lambda entry: entry[:2])[2]


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
    shape = shape_of_step(wanted, arguments.max_length, processes_of(arguments), most)
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
