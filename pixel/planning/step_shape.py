"""From a number of tokens an optimizer step to rows a device and accumulation. Torch-free."""

from dataclasses import dataclass

from pixel.planning.errors import PlanError

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
        PlanError: fewer tokens than one row on every process, or no row fits.

    Example:
        >>> print(shape_of_step(131072, 4096, 8, 2))
        2 rows of 4096 tokens x 8 processes x 2 accumulated = 131072 tokens
    """
    if most_rows < 1:
        raise PlanError(
            f"tokens_per_device does not hold one row of {row_tokens} tokens. Mend: raise it, or lower max_length"
        )
    least = row_tokens * processes
    if tokens < least * (1 - CLOSE):
        raise PlanError(
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
