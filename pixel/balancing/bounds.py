"""Bounds: weights kept within limits, the rest shared out so that the sum stays."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from .checks import known_objectives, number


def limits(bounds: Mapping[str, Sequence[float | None]] | None, objectives: Sequence[str]) -> tuple[Tensor, Tensor]:
    """
    Lowest and highest weight of each objective, float64 `[k]` each: 0 and infinity where not named.

    Args:
        bounds: objective to `[low, high]`, 0 <= low <= high; a high of None is no limit.

    Raises:
        ValueError: unknown objective, not a pair, low above high, or high of 0 (leave the objective out instead).
    """
    low = torch.zeros(len(objectives), dtype=torch.float64)
    high = torch.full_like(low, torch.inf)
    for name, pair in known_objectives("bounds", bounds, objectives).items():
        if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
            raise ValueError(f"bounds[{name}] must be [low, high], found {pair!r}")
        place = list(objectives).index(name)
        low[place] = number(f"bounds[{name}] low", pair[0], least=0)
        if pair[1] is not None:
            high[place] = number(f"bounds[{name}] high", pair[1], above=0)
        if low[place] > high[place]:
            raise ValueError(f"bounds[{name}]: low {pair[0]} is above high {pair[1]}; swap them")
    return low, high


def bounded(weights: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """
    Weights within `[low, high]` and with the same sum, where both are possible; else the bounds win over the sum.

    Objectives within their bounds are scaled by one common factor, so their proportions stay. Whichever side (too
    low or too high) is broken by more in total is clipped first, and the rest shared out again: the way CSS
    flexible boxes are laid out, exact after at most k rounds.

    Args:
        weights (`Tensor`): float64 `[k]` >= 0.
        low (`Tensor`): `[k]`.
        high (`Tensor`): `[k]`, at least `low`.

    Returns:
        `Tensor`: float64 `[k]`; `weights` themselves, to the last bit, where no bound is broken.
    """
    out = weights.clone()
    if bool(((low <= out) & (out <= high)).all()):
        return out
    total = weights.sum()
    free = torch.ones_like(weights, dtype=torch.bool)
    while bool(free.any()):
        room, share = total - out[~free].sum(), weights[free].sum()
        out[free] = weights[free] * (room / share).clamp_min(0) if share > 0 else weights[free]
        clipped = out.clamp(low, high)
        surplus = (clipped - out).sum()  # > 0: more is missing at the low side than is over at the high side
        broken = clipped > out if surplus > 0 else clipped < out if surplus < 0 else clipped != out
        if not bool((broken & free).any()):
            break
        out = torch.where(broken, clipped, out)
        free &= ~broken
    return out.clamp(low, high)
