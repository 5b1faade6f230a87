"""Multilabel loss: each class is a question of its own, and unknown answers are left out."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pixel.objectives.checks import check_range, check_shapes, known


def multilabel_loss(logits: Tensor, target: Tensor, check: bool = True) -> tuple[Tensor, Tensor]:
    r"""
    Binary cross-entropy, summed over the known classes of a turn.

    .. math:: \ell_t = -\sum_{c \in K_t} y_c \log \sigma(z_c) + (1 - y_c) \log \sigma(-z_c)

    where :math:`K_t` are the classes somebody judged on turn :math:`t`, :math:`y_c` is 0, 1 or a share of raters
    between them, and :math:`z_c` the logit. Summing (not averaging) over classes keeps the strength of one judgement
    the same whether a corpus judged seven classes or all 28.

    Args:
        logits (`Tensor`): float `[batch, turns, classes]`.
        target (`Tensor`): float `[batch, turns, classes]` in [0, 1], NaN where unknown.
        check: read the targets back to check their range; off where a collator has done so.

    Returns:
        `(total, count)`: scalar float32 each, the loss summed over labelled turns and their number. With nothing
        labelled the total is a differentiable zero.

    Raises:
        ValueError: shapes differ, or a target is outside [0, 1]; the message names it and its position.

    Example:
        >>> total, count = multilabel_loss(torch.zeros(1, 1, 2), torch.tensor([[[1.0, float("nan")]]]))
        >>> round(total.item(), 4), count.item()
        (0.6931, 1.0)
    """
    check_shapes(logits, target, vector=True)
    if check:
        check_range(target, 0.0, 1.0)
    judged = known(target)  # [batch, turns, classes]
    z = torch.where(judged, logits.float(), 0.0)
    y = torch.where(judged, target.float(), 0.0)
    per_class = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    return torch.where(judged, per_class, 0.0).sum(), judged.any(-1).sum().float()
