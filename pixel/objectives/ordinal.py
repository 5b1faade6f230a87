"""Ordinal loss: levels in an order, where a near miss costs less than a far one."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pixel.objectives.checks import IGNORE, check_range, check_shapes, known  # noqa: F401 (the example uses IGNORE)


def ordinal_loss(logits: Tensor, target: Tensor, check: bool = True) -> tuple[Tensor, Tensor]:
    r"""
    Cumulative-link (all-threshold) loss over ordered levels.

    .. math:: \ell_t = -\sum_{k=1}^{K-1} \log \sigma\big(s_k \, z_k\big), \quad s_k = +1 \text{ if } y_t \ge k
        \text{ else } -1

    where :math:`z_k` is the logit of "at least level k" and :math:`y_t` the level a person gave. The logits need not
    be sorted: every step is a question of its own, and an answer two levels off gets two of them wrong.

    Args:
        logits (`Tensor`): float `[batch, turns, levels - 1]`.
        target (`Tensor`): int `[batch, turns]` in `0 .. levels - 1`, or `IGNORE` where nobody labelled the turn.
        check: read the targets back to check their range; off where a collator has done so.

    Returns:
        `(total, count)`: scalar float32 each, the loss summed over labelled turns and their number. With nothing
        labelled the total is a differentiable zero.

    Raises:
        ValueError: shapes differ, or a level is out of range; the message names it and its position.

    Source: Rennie & Srebro, "Loss Functions for Preference Levels: Regression with Discrete Ordered Labels", 2005
    (all-threshold construction with the logistic margin penalty).

    Example:
        >>> total, count = ordinal_loss(torch.zeros(1, 2, 2), torch.tensor([[2, IGNORE]]))
        >>> round(total.item(), 4), count.item()
        (1.3863, 1.0)
    """
    check_shapes(logits, target, vector=False)
    if check:
        check_range(target, 0, logits.size(-1))
    labelled = known(target)  # [batch, turns]
    z = torch.where(labelled.unsqueeze(-1), logits.float(), 0.0)
    steps = torch.arange(1, logits.size(-1) + 1, device=logits.device)
    sign = torch.where(target.unsqueeze(-1) >= steps, 1.0, -1.0)  # [batch, turns, levels - 1]
    per_turn = -F.logsigmoid(sign * z).sum(-1)
    return torch.where(labelled, per_turn, 0.0).sum(), labelled.sum().float()
