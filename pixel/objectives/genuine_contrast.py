"""Genuine contrast: replies judged genuine score above replies judged simulated, pair by pair."""

import torch.nn.functional as F
from torch import Tensor

GENUINE_CONTRAST = "genuine_contrast"
MARGIN = 1.0
"""By how much, in logits, a genuine turn should lead a simulated one."""


def genuine_pairs(target: Tensor) -> Tensor:
    """
    How many pairs of a genuine and a simulated turn a batch holds.

    Args:
        target (`Tensor`): float `[batch, turns, 1]` in [0, 1], the `genuine` label, NaN where unknown.

    Returns:
        `Tensor`: scalar float32.
    """
    genuine, simulated = target >= 0.5, target < 0.5  # NaN is neither
    return genuine.sum().float() * simulated.sum().float()


def genuine_contrast_loss(logits: Tensor, target: Tensor, margin: float = MARGIN) -> tuple[Tensor, Tensor]:
    r"""
    Logistic loss with a margin over every pair of a genuine and a simulated turn in the batch.

    .. math:: \ell_{gs} = \log\big(1 + \exp(m - (z_g - z_s))\big)

    where :math:`z_g` is the logit of a turn labelled at least 0.5, :math:`z_s` that of one labelled below, and
    :math:`m` the margin. The score loss asks each turn for its own value; this asks only for the order, so a few
    simulated turns among many genuine ones pull as hard as the many.

    **Micro-batches.** Pairs are formed inside one micro-batch of one rank, so this term does not add up over them:
    cutting a step into n leaves about one pair in n. Divided by the pairs formed in the whole step it is their mean,
    which has the same expectation however shuffled rows are cut, and only becomes noisier. No pair is formed where
    rows come one at a time and each holds one kind only.

    Args:
        logits (`Tensor`): float `[batch, turns, 1]`, the `genuine` read-out.
        target (`Tensor`): float `[batch, turns, 1]` in [0, 1], NaN where unknown.
        margin: in logits, at least 0.

    Returns:
        `(total, count)`: scalar float32 each, summed over the pairs, and their number. Without a pair the total is a
        differentiable zero. Picking the labelled turns out reads their number back from the device.

    Source: pairwise logistic surrogate of the area under the ROC curve; consistent with it, as hinge is not (Gao &
    Zhou, "On the Consistency of AUC Pairwise Optimization", IJCAI 2015). A margin moves the logistic curve and keeps
    it convex, decreasing and smooth.

    Example:
        >>> import torch
        >>> z, y = torch.tensor([[[2.0], [1.0]]]), torch.tensor([[[0.9], [0.1]]])
        >>> round(genuine_contrast_loss(z, y)[0].item(), 4)
        0.6931
    """
    z = logits.float()
    lead = z[target >= 0.5].unsqueeze(1) - z[target < 0.5]  # [genuine, simulated]
    return F.softplus(margin - lead).sum(), genuine_pairs(target)
