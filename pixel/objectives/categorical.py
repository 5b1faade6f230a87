"""Categorical loss: one class a turn."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pixel.objectives.checks import IGNORE, check_range, check_shapes, known


def categorical_loss(logits: Tensor, target: Tensor, check: bool = True) -> tuple[Tensor, Tensor]:
    r"""
    Cross-entropy over classes that exclude each other.

    .. math:: \ell_t = -\log \mathrm{softmax}(z_t)_{y_t}

    where :math:`y_t` is the class of turn :math:`t` and :math:`z_t` its logits.

    Args:
        logits (`Tensor`): float `[batch, turns, classes]`.
        target (`Tensor`): int `[batch, turns]` in `0 .. classes - 1`, or `IGNORE` where nobody labelled the turn.
        check: read the targets back to check their range; off where a collator has done so.

    Returns:
        `(total, count)`: scalar float32 each, the loss summed over labelled turns and their number. With nothing
        labelled the total is a differentiable zero.

    Raises:
        ValueError: shapes differ, or a class is out of range; the message names it and its position.

    Example:
        >>> total, count = categorical_loss(torch.zeros(1, 2, 4), torch.tensor([[3, IGNORE]]))
        >>> round(total.item(), 4), count.item()
        (1.3863, 1.0)
    """
    check_shapes(logits, target, vector=False)
    if check:
        check_range(target, 0, logits.size(-1) - 1)
    labelled = known(target)  # [batch, turns]
    z = torch.where(labelled.unsqueeze(-1), logits.float(), 0.0)
    total = F.cross_entropy(z.flatten(0, -2), target.flatten(), ignore_index=IGNORE, reduction="sum")
    return total, labelled.sum().float()
