"""Persona smoothness: the mode does not flicker from turn to turn unless somebody marked a switch."""

from collections.abc import Mapping

import torch
from torch import Tensor

from pixel.objectives.checks import known

SMOOTHNESS = "persona_smoothness"


def steady_pairs(batch: Mapping[str, Tensor]) -> Tensor:
    """
    Which turns should keep the mode of the turn before them.

    A turn counts when it and the turn before are of one conversation (`turn_mask`), no switch is labelled on it
    (`persona_switch` of at least 0.5), and the two turns are not labelled with different modes.

    Args:
        batch: `turn_mask` int `[batch, turns]` (0, or the number of the turn's conversation in the row);
            `persona_switch` float `[batch, turns, 1]` and `persona_mode` int `[batch, turns]` if labelled.

    Returns:
        `Tensor`: bool `[batch, turns - 1]`, True where turn t + 1 should agree with turn t.
    """
    mask = batch["turn_mask"]
    pairs = (mask[:, 1:] == mask[:, :-1]) & (mask[:, 1:] > 0)
    if batch.get("persona_switch") is not None:
        pairs = pairs & ~(batch["persona_switch"][:, 1:, 0] >= 0.5)  # NaN compares as no switch
    if (mode := batch.get("persona_mode")) is not None:
        both = known(mode)[:, 1:] & known(mode)[:, :-1]
        pairs = pairs & ~(both & (mode[:, 1:] != mode[:, :-1]))
    return pairs


def smoothness_loss(logits: Tensor, pairs: Tensor) -> tuple[Tensor, Tensor]:
    r"""
    Squared distance between the mode probabilities of consecutive turns.

    .. math:: \ell_t = \lVert \mathrm{softmax}(z_t) - \mathrm{softmax}(z_{t-1}) \rVert^2 \in [0, 2]

    Bounded, unlike a divergence, so that one confident and unmarked switch cannot outweigh the labels. A prior, not
    a measurement: its effect on labelled switch points has to be watched (`persona_switch`).

    Args:
        logits (`Tensor`): float `[batch, turns, modes]`, the `persona_mode` read-out.
        pairs (`Tensor`): bool `[batch, turns - 1]` from `steady_pairs`.

    Returns:
        `(total, count)`: scalar float32 each, summed over the pairs that count, and their number.

    Example:
        >>> smoothness_loss(torch.tensor([[[50.0, 0.0], [0.0, 50.0]]]), torch.tensor([[True]]))[0].item()
        2.0
    """
    probabilities = logits.float().softmax(-1)
    distance = (probabilities[:, 1:] - probabilities[:, :-1]).square().sum(-1)  # [batch, turns - 1]
    return torch.where(pairs, distance, 0.0).sum(), pairs.sum().float()
