"""What every loss shares: which turns are labelled, whether labels are in range, and a zero that keeps the graph."""

import torch
from torch import Tensor

IGNORE = -100
"""Class id of a turn that nobody labelled (`torch.nn.functional.cross_entropy`'s own default)."""


def known(target: Tensor) -> Tensor:
    """
    Where a label is known.

    Args:
        target (`Tensor`): float of any shape (NaN = unknown) or int of any shape (`IGNORE` = unknown).

    Returns:
        `Tensor`: bool, shaped like `target`.
    """
    return ~target.isnan() if target.is_floating_point() else target != IGNORE


def labelled_turns(target: Tensor) -> Tensor:
    """
    Which turns count: those with a class id, or with at least one known value.

    Args:
        target (`Tensor`): int `[batch, turns]`, or float `[batch, turns, size]`.

    Returns:
        `Tensor`: bool `[batch, turns]`.
    """
    return known(target).any(-1) if target.is_floating_point() else known(target)


def zero_like_loss(logits: Tensor) -> Tensor:
    """
    A differentiable zero: scalar float32, zero gradient into `logits` even where they are infinite or NaN.

    Every rank must take part in the backward pass of every head, labelled or not; a plain constant would leave the
    head out and hang a distributed run.
    """
    return logits.masked_fill(torch.ones_like(logits, dtype=torch.bool), 0.0).float().sum()


def check_shapes(logits: Tensor, target: Tensor, vector: bool) -> None:
    """
    Compare shapes (no device synchronisation, so always on).

    Raises:
        ValueError: `target` is not `[batch, turns, size]` (vector) or integer `[batch, turns]` (class ids).
    """
    if vector:
        if target.shape != logits.shape or not target.is_floating_point():
            raise ValueError(
                f"targets are {target.dtype} {list(target.shape)}; these logits need floats {list(logits.shape)}"
            )
    elif target.shape != logits.shape[:-1] or target.is_floating_point():
        raise ValueError(
            f"targets are {target.dtype} {list(target.shape)}; these logits need class ids {list(logits.shape[:-1])}"
        )


def check_range(target: Tensor, low: float, high: float) -> None:
    """
    Check that every known label lies in `[low, high]`.

    Reads one flag back from the device, so a trainer whose collator has already checked switches it off. Skipped
    inside `torch.compile`.

    Args:
        target (`Tensor`): labels; NaN or `IGNORE` where unknown.
        low, high: the closed range.

    Raises:
        ValueError: names the first value out of range and its position.
    """
    if torch.compiler.is_compiling():
        return
    outside = known(target) & ((target < low) | (target > high))
    if outside.any():
        position = outside.nonzero()[0].tolist()
        names = ", ".join(("row", "turn", "dimension")[: len(position)])
        raise ValueError(
            f"label {target[tuple(position)].item():g} at {position} ({names}) is outside [{low:g}, {high:g}]"
        )
