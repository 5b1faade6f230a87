"""From token states to turn states."""

import torch
from torch import Tensor, nn


def turn_membership(turn_spans: Tensor, length: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """
    Which token belongs to which turn.

    Args:
        turn_spans: int `[batch, turns, 2]`, first and last token of each turn's content, both inclusive; `-1, -1` where
            there is no turn.
        length: number of tokens.

    Returns:
        `[batch, turns, length]`, 1 inside the span and 0 outside.
    """
    position = torch.arange(length, device=turn_spans.device)
    first, last = turn_spans[..., 0:1], turn_spans[..., 1:2]
    return ((position >= first) & (position <= last) & (first >= 0)).to(dtype)


class TurnPooling(nn.Module):
    """
    Pooling weights of every turn over the tokens, non-negative and summing to 1 over a turn (0 for a missing turn).

    `mean` weighs a turn's tokens equally. `attention` takes a softmax over the turn's tokens of a learned query's
    product with their states. The weights never send a gradient into the states they are computed from: the trunk
    learns through what is pooled, so that the objectives' gradients stay factored at the fork.

    A turn's weights depend on its own tokens alone, so no read-out sees a later turn.
    """

    def __init__(self, hidden_size: int, kind: str = "mean"):
        super().__init__()
        self.kind = kind
        self.query = nn.Linear(hidden_size, 1, bias=False) if kind == "attention" else None

    def forward(self, hidden: Tensor, turn_spans: Tensor) -> Tensor:
        """`hidden [batch, tokens, hidden]`, `turn_spans [batch, turns, 2]` -> float32 `[batch, turns, tokens]`."""
        member = turn_membership(turn_spans, hidden.size(1))
        if self.query is None:
            return member / member.sum(-1, keepdim=True).clamp(min=1)
        scores = self.scores(hidden).unsqueeze(1).masked_fill(member == 0, torch.finfo(torch.float32).min)
        return scores.softmax(-1) * member

    def scores(self, hidden: Tensor) -> Tensor:
        """Log-weight of every token before the softmax over its turn: float32 `[batch, tokens]`, zeros for `mean`."""
        if self.query is None:
            return hidden.new_zeros(hidden.shape[:-1], dtype=torch.float32)
        states = nn.functional.layer_norm(hidden.detach().float(), hidden.shape[-1:])
        return self.query(states.to(self.query.weight.dtype)).float().squeeze(-1)
