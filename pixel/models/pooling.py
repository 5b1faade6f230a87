"""From token states to turn states."""

import torch
from torch import Tensor, nn


def turn_membership(turn_spans: Tensor, length: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """
    Which token belongs to which turn.

    Args:
        turn_spans: int `[batch, turns, 2]`, first and last token of each turn's content, both inclusive; `-1, -1`
            where there is no turn.
        length: number of tokens.

    Returns:
        `[batch, turns, length]`, 1 inside the span and 0 outside.
    """
    position = torch.arange(length, device=turn_spans.device)
    first, last = turn_spans[..., 0:1], turn_spans[..., 1:2]
    return ((position >= first) & (position <= last) & (first >= 0)).to(dtype)


def mean_over_turns(hidden: Tensor, turn_spans: Tensor) -> Tensor:
    """`[batch, tokens, hidden]`, `[batch, turns, 2]` -> the turns' means, `[batch, turns, hidden]`."""
    member = turn_membership(turn_spans, hidden.size(1))
    return torch.matmul((member / member.sum(-1, keepdim=True).clamp(min=1)).to(hidden.dtype), hidden)


class TurnPooling(nn.Module):
    """
    Pooling weights of every turn over the tokens, non-negative and summing to 1 over a turn (0 for a missing turn).

    `mean` weighs a turn's tokens equally; `last` takes its last token, which has seen the whole turn; `attention`
    takes a softmax over the turn's tokens of a learned query's product with their states. Several, joined by `+`,
    stand side by side: a turn state is then as many times as wide.

    The weights never send a gradient into the states they are computed from: the trunk learns through what is pooled,
    so that the objectives' gradients stay factored at the fork. A turn's weights depend on its own tokens alone, so no
    read-out sees a later turn.

    Args:
        hidden_size: of the token states.
        kinds: `mean`, `last`, `attention`, or several joined by `+`, such as `mean+last`.

    Raises:
        ValueError: no such pooling.
    """

    KINDS = ("mean", "last", "attention")

    def __init__(self, hidden_size: int, kinds: str = "mean"):
        super().__init__()
        self.kinds = kinds.split("+")
        for kind in self.kinds:
            if kind not in self.KINDS:
                raise ValueError(f"no pooling is called {kind!r}; use {', '.join(self.KINDS)}, or several joined by +")
        self.query = nn.Linear(hidden_size, 1, bias=False) if "attention" in self.kinds else None
        if self.query is not None:
            self.query.initial_weight = 0.0  # starts as the mean

    def forward(self, hidden: Tensor, turn_spans: Tensor) -> Tensor:
        """
        Args:
            hidden: `[batch, tokens, hidden]`.
            turn_spans: `[batch, turns, 2]`.

        Returns:
            float32 `[batch, turns * kinds, tokens]`; a turn's rows stand together.
        """
        member = turn_membership(turn_spans, hidden.size(1))
        weights = {}
        for kind in self.kinds:
            if kind == "mean":
                weights[kind] = member / member.sum(-1, keepdim=True).clamp(min=1)
            elif kind == "last":
                weights[kind] = member * turn_membership(turn_spans[..., 1:].expand_as(turn_spans), hidden.size(1))
            else:
                scores = self.scores(hidden).unsqueeze(1).masked_fill(member == 0, torch.finfo(torch.float32).min)
                weights[kind] = scores.softmax(-1) * member
        return torch.stack([weights[kind] for kind in self.kinds], 2).flatten(1, 2)

    def gather(self, pooled: Tensor) -> Tensor:
        """`[batch, turns * kinds, hidden]` -> turn states `[batch, turns, kinds * hidden]`."""
        batch, rows, hidden = pooled.shape
        return pooled.reshape(batch, rows // len(self.kinds), len(self.kinds) * hidden)

    def scores(self, hidden: Tensor) -> Tensor:
        """Log-weight of every token before the softmax over its turn, for `attention`: float32 `[batch, tokens]`."""
        states = nn.functional.layer_norm(hidden.detach().float(), hidden.shape[-1:])
        return self.query(states.to(self.query.weight.dtype)).float().squeeze(-1)
