"""Smooth transition: at a marked switch the mode goes straight from the old one to the new one."""

from collections.abc import Mapping

import torch
from torch import Tensor

from pixel.objectives.smoothness import steady_pairs

SMOOTH_TRANSITION = "smooth_transition"


def switch_windows(batch: Mapping[str, Tensor]) -> Tensor:
    """
    Which turns are a switch with a turn before it and a steady turn after it.

    A switch is what `steady_pairs` leaves out inside a conversation: a labelled one (`persona_switch` of at least
    0.5), or two neighbouring turns labelled with different modes. Where the next turn is a switch too, coming back may
    be right, and the window does not count.

    Args:
        batch: `turn_mask` int `[batch, turns]`; `persona_switch` float `[batch, turns, 1]` and `persona_mode` int
            `[batch, turns]` if labelled.

    Returns:
        `Tensor`: bool `[batch, max(turns - 2, 0)]`; entry t is about the window of turns t, t + 1 (the switch), t + 2.
    """
    mask = batch["turn_mask"]
    together = (mask[:, 1:] == mask[:, :-1]) & (mask[:, 1:] > 0)
    steady = steady_pairs(batch)
    return (together & ~steady)[:, :-1] & steady[:, 1:]


def smooth_transition_loss(logits: Tensor, windows: Tensor) -> tuple[Tensor, Tensor]:
    r"""
    What the mode probabilities go back on in the two steps around a switch.

    .. math:: \ell_t = \sum_m \max\big(0, -(p_{t,m} - p_{t-1,m})(p_{t+1,m} - p_{t,m})\big) \in [0, 2]

    where :math:`p = \mathrm{softmax}(z)` and :math:`t` is the switch. It is 0 exactly where each mode's probability
    only rises or only falls from the turn before the switch to the turn after it. A clean jump on the switch is as
    free as an even ramp, since the labels (`persona_mode`) put the change on one turn and this term must not argue
    with them; falling back into the old mode, or passing through a third, costs. Not switching at all is free here:
    `persona_mode` and `persona_switch` teach that.

    Windows lie within a row, so totals and counts add up however a step is cut into micro-batches of whole rows.

    Args:
        logits (`Tensor`): float `[batch, turns, modes]`, the `persona_mode` read-out.
        windows (`Tensor`): bool `[batch, max(turns - 2, 0)]` from `switch_windows`.

    Returns:
        `(total, count)`: scalar float32 each, summed over the windows that count, and their number.

    Source: ours; the summand is half of what squared step lengths exceed the squared way from start to end by,
    :math:`a^2 + b^2 - (a + b)^2 = -2ab`, kept where that is positive.

    Example:
        >>> there_and_back = torch.tensor([[[50.0, 0.0], [0.0, 50.0], [50.0, 0.0]]])
        >>> smooth_transition_loss(there_and_back, torch.tensor([[True]]))[0].item()
        2.0
    """
    p = logits.float().softmax(-1)
    step = p[:, 1:] - p[:, :-1]  # [batch, turns - 1, modes]
    back = (-step[:, :-1] * step[:, 1:]).clamp(min=0.0).sum(-1)  # [batch, turns - 2]
    return torch.where(windows, back, 0.0).sum(), windows.sum().float()
