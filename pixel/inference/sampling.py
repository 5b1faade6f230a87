"""The next token of a reply."""

from collections.abc import Iterable

import torch
from torch import Tensor


class Sampler:
    """
    Draws tokens, the same ones for the same seed.

    Args:
        temperature: 0 takes the likeliest token, 1 samples from the model's own distribution.
        top_p: sample among the likeliest tokens that together have this probability, in (0, 1].
        seed: of the draw.

    Source of `top_p`: Holtzman et al., "The Curious Case of Neural Text Degeneration", ICLR 2020.
    """

    def __init__(self, temperature: float = 0.7, top_p: float = 0.95, seed: int = 0):
        if temperature < 0 or not 0 < top_p <= 1:
            raise ValueError(f"temperature {temperature} and top_p {top_p}: give at least 0, and in (0, 1]")
        self.temperature, self.top_p = temperature, top_p
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, logits: Tensor, forbidden: Iterable[int] = ()) -> int:
        """`logits [vocab]` -> token id, never one that is `forbidden`."""
        logits = logits.detach().float().cpu().clone()
        logits[list(forbidden)] = -torch.inf
        if self.temperature == 0:
            return int(logits.argmax())
        chances, order = (logits / self.temperature).softmax(-1).sort(descending=True)
        chances[chances.cumsum(-1) - chances >= self.top_p] = 0.0  # the likeliest always stays
        return int(order[torch.multinomial(chances, 1, generator=self.generator)])
