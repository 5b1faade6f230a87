"""Persona consistency: between two labelled switches, the mode stays near what it is there on average."""

import torch
from torch import Tensor

PERSONA_CONSISTENCY = "persona_consistency"


def stretches(mask: Tensor, pairs: Tensor) -> tuple[Tensor, Tensor]:
    """
    Cut conversations into stretches without a marked switch.

    Args:
        mask (`Tensor`): `turn_mask` `[batch, turns]`, 0 where there is no turn.
        pairs (`Tensor`): bool `[batch, turns - 1]` from `pixel.objectives.smoothness.steady_pairs`.

    Returns:
        `(stretch, size)`: int64 `[batch, turns]` each, the number of each turn's stretch in its row, and how many
        turns that stretch has; 0 where there is no turn.
    """
    real = (mask > 0).long()
    begins = torch.cat([torch.zeros_like(real[:, :1]), (~pairs).long()], 1)
    stretch = begins.cumsum(1)
    size = torch.zeros_like(stretch).scatter_add(1, stretch, real).gather(1, stretch)
    return stretch, size * real


def persona_consistency_loss(logits: Tensor, mask: Tensor, pairs: Tensor) -> tuple[Tensor, Tensor]:
    r"""
    Jensen-Shannon divergence of the mode probabilities within each stretch.

    .. math:: \sum_{t \in S} \ell_t = \sum_{t \in S} \mathrm{KL}\big(p_t \,\|\, \bar p_S\big)
        = |S|\, \Big( H(\bar p_S) - \tfrac{1}{|S|} \sum_{t \in S} H(p_t) \Big), \quad
        \bar p_S = \tfrac{1}{|S|} \sum_{t \in S} p_t

    where :math:`p = \mathrm{softmax}(z)`, :math:`S` is a stretch of at least two turns and :math:`H` the entropy. At
    most :math:`\log(\text{modes})` a turn. `smoothness_loss` looks at neighbours only, and a mode that drifts from one
    end to the other in small steps costs it next to nothing; here it costs what it strays from the stretch's mean.

    Every row brings its own stretches, so totals and counts add up however a step is cut into micro-batches of whole
    rows. A prior and no measurement: where nobody labelled switches, a whole conversation is one stretch.

    Args:
        logits (`Tensor`): float `[batch, turns, modes]`, the `persona_mode` read-out.
        mask (`Tensor`): `turn_mask` `[batch, turns]`.
        pairs (`Tensor`): bool `[batch, turns - 1]` from `steady_pairs`.

    Returns:
        `(total, count)`: scalar float32 each, summed over turns in stretches of two or more, and their number.

    Source: the generalised divergence of Lin, "Divergence Measures Based on the Shannon Entropy", 1991, with equal
    weights.

    Example:
        >>> turns = torch.tensor([[[50.0, 0.0], [0.0, 50.0]]])
        >>> total, count = persona_consistency_loss(turns, torch.ones(1, 2), torch.tensor([[True]]))
        >>> round(total.item(), 4), count.item()
        (1.3863, 2.0)
    """
    stretch, size = stretches(mask, pairs)
    counted = size >= 2
    log_p = logits.float().log_softmax(-1)
    p = torch.where((mask > 0).unsqueeze(-1), log_p.exp(), 0.0)
    place = stretch.unsqueeze(-1).expand_as(p)
    mean = torch.zeros_like(p).scatter_add(1, place, p).gather(1, place) / size.clamp(min=1).unsqueeze(-1)
    log_mean = mean.clamp(min=torch.finfo(torch.float32).tiny).log()
    strayed = (p * (log_p - log_mean)).sum(-1)  # [batch, turns]
    return torch.where(counted, strayed, 0.0).sum(), counted.sum().float()
