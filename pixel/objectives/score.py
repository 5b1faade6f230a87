"""Score loss: values on a 0-to-1 scale, where saying exactly the right value costs nothing."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pixel.objectives.checks import check_range, check_shapes, known


def score_loss(logits: Tensor, target: Tensor, check: bool = True) -> tuple[Tensor, Tensor]:
    r"""
    Cross-entropy to a soft target less the target's own entropy, averaged over the known dimensions of a turn.

    .. math:: \ell_t = \frac{1}{|K_t|} \sum_{d \in K_t} \mathrm{KL}\big(\mathrm{Bern}(y_d) \,\|\,
        \mathrm{Bern}(\sigma(z_d))\big)

    where :math:`K_t` are the dimensions somebody rated, :math:`y_d` in [0, 1] the rating and :math:`z_d` the logit.
    The gradient is that of cross-entropy, :math:`\sigma(z_d) - y_d` (it does not fade when the answer is far off, as
    that of a squared error does); subtracting the entropy makes a perfect answer cost 0, so that fields with middling
    targets do not look worse than fields with extreme ones.

    Args:
        logits (`Tensor`): float `[batch, turns, dimensions]`.
        target (`Tensor`): float `[batch, turns, dimensions]` in [0, 1], NaN where unknown.
        check: read the targets back to check their range; off where a collator has done so.

    Returns:
        `(total, count)`: scalar float32 each, the loss summed over turns with at least one known dimension, and the
        number of those turns. With nothing labelled the total is a differentiable zero.

    Raises:
        ValueError: shapes differ, or a target is outside [0, 1]; the message names it and its position.

    Example:
        >>> score_loss(torch.zeros(1, 1, 1), torch.tensor([[[0.5]]]))[0].item()
        0.0
    """
    check_shapes(logits, target, vector=True)
    if check:
        check_range(target, 0.0, 1.0)
    rated = known(target)  # [batch, turns, dimensions]
    z = torch.where(rated, logits.float(), 0.0)
    y = torch.where(rated, target.float(), 0.5)
    cross_entropy = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    entropy = torch.special.entr(y) + torch.special.entr(1.0 - y)
    per_dimension = torch.where(rated, cross_entropy - entropy, 0.0)
    per_turn = per_dimension.sum(-1) / rated.sum(-1).clamp(min=1)  # [batch, turns]
    return per_turn.sum(), rated.any(-1).sum().float()
