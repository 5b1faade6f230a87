"""Emotional consistency: one speaker's valence, arousal and dominance move in steps, not in leaps."""

from collections.abc import Mapping

import torch
from torch import Tensor

EMOTIONAL_CONSISTENCY = "emotional_consistency"
MARGIN = 0.3
"""Step on the [0, 1] scale that costs nothing."""


def previous_own_turn(batch: Mapping[str, Tensor]) -> Tensor:
    """
    For each turn, where the same speaker spoke last.

    Args:
        batch: `turn_mask` int `[batch, turns]` (0, or the number of the turn's conversation in the row); `turn_roles`
            int `[batch, turns]` if the collator gives it. Without it speakers are taken to alternate, and the answer
            is the turn two before.

    Returns:
        `Tensor`: int64 `[batch, turns]`, the index of the earlier turn, -1 where there is none.
    """
    mask = batch["turn_mask"]
    turns = torch.arange(mask.size(1), device=mask.device)
    roles = batch.get("turn_roles")
    if roles is None:
        same = (turns.unsqueeze(1) - turns == 2).unsqueeze(0)
    else:
        same = (roles.unsqueeze(2) == roles.unsqueeze(1)) & (turns.unsqueeze(1) > turns)
    one_conversation = (mask.unsqueeze(2) == mask.unsqueeze(1)) & (mask > 0).unsqueeze(2)
    same = same & one_conversation  # [batch, turn, earlier turn]
    return torch.where(same, turns, -1).amax(-1)


def emotional_consistency_loss(
    logits: Tensor, previous: Tensor, target: Tensor | None = None, margin: float = MARGIN
) -> tuple[Tensor, Tensor]:
    r"""
    Squared excess of a step over a margin, averaged over the three dimensions.

    .. math:: \ell_t = \tfrac{1}{3} \sum_d \max\big(0, |p_{t,d} - p_{s,d}| - m_d\big)^2

    where :math:`p = \sigma(z)` and :math:`s` is the same speaker's turn before. :math:`m_d` is `margin`, or the
    labelled step where people rated both turns and saw a larger one: the prior never argues with a label.

    Args:
        logits (`Tensor`): float `[batch, turns, 3]`, the `vad` read-out.
        previous (`Tensor`): int64 `[batch, turns]` from `previous_own_turn`.
        target (`Tensor`, optional): float `[batch, turns, 3]` in [0, 1], NaN where unknown.
        margin: in [0, 1].

    Returns:
        `(total, count)`: scalar float32 each, summed over turns that have an earlier turn, and their number.

    Example:
        >>> turns = torch.tensor([[[-50.0] * 3, [50.0] * 3]])
        >>> round(emotional_consistency_loss(turns, torch.tensor([[-1, 0]]), margin=0.5)[0].item(), 4)
        0.25
    """
    counted = previous >= 0
    earlier = previous.clamp(min=0).unsqueeze(-1).expand_as(logits)
    values = logits.float().sigmoid()
    step = (values - values.gather(1, earlier)).abs()
    allowed = torch.full_like(step, margin)
    if target is not None:
        seen = (target.float() - target.float().gather(1, earlier)).abs().nan_to_num(nan=0.0)
        allowed = torch.maximum(allowed, seen)
    per_turn = (step - allowed).clamp(min=0.0).square().mean(-1)  # [batch, turns]
    return torch.where(counted, per_turn, 0.0).sum(), counted.sum().float()
