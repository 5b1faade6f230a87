"""The layers that heads are made of."""

import math

import torch
from torch import Tensor, nn

from .labels import FIELDS


class ReadoutMLP(nn.Module):
    """
    Layer norm, then one hidden layer (or none), then logits: `[..., inputs]` -> `[..., outputs]`.

    Args:
        inputs: width of a turn state.
        outputs: number of logits.
        hidden: width of the hidden layer, 0 for a linear map.
        dropout: before each linear map.
    """

    def __init__(self, inputs: int, outputs: int, hidden: int = 0, dropout: float = 0.0):
        super().__init__()
        self.norm = nn.LayerNorm(inputs)
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(inputs, hidden) if hidden else None
        self.out = nn.Linear(hidden or inputs, outputs)

    def forward(self, states: Tensor) -> Tensor:
        states = self.dropout(self.norm(states.to(self.norm.weight.dtype)))
        if self.hidden is not None:
            states = self.dropout(nn.functional.gelu(self.hidden(states)))
        return self.out(states)


class FieldHeads(nn.Module):
    """
    One `ReadoutMLP` a label field: turn states `[batch, turns, inputs]` -> `{field: logits [batch, turns, width]}`.

    A multilabel field starts from a low prior (one label present on average), so that a hundred absent categories do
    not drown the first steps.
    """

    def __init__(self, fields: list[str], inputs: int, hidden: int = 0, dropout: float = 0.0):
        super().__init__()
        heads = {name: ReadoutMLP(inputs, FIELDS[name].logits, hidden, dropout) for name in fields}
        self.fields = nn.ModuleDict(heads)
        for name, head in heads.items():
            if FIELDS[name].kind == "multilabel":
                head.out.initial_bias = -math.log(FIELDS[name].size - 1)

    def forward(self, states: Tensor, turn_mask: Tensor | None = None) -> dict[str, Tensor]:
        return {name: head(states) for name, head in self.fields.items()}


class TurnAttention(nn.Module):
    """
    Attention of each turn over itself and the turns before it: `[batch, turns, hidden]` -> same, residual.

    Used by the emotion head where `emotion_attention` is on, so that what a person feels now can be read against what
    they felt before.
    """

    def __init__(self, hidden: int, heads: int = 4):
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.query_key_value = nn.Linear(hidden, 3 * hidden)
        self.out = nn.Linear(hidden, hidden)
        self.heads = math.gcd(heads, hidden)

    def forward(self, states: Tensor, turn_mask: Tensor | None = None) -> Tensor:
        batch, turns, width = states.shape
        packed = self.query_key_value(self.norm(states.to(self.norm.weight.dtype)))
        query, key, value = packed.view(batch, turns, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        allowed = torch.ones(turns, turns, dtype=torch.bool, device=states.device).tril()
        if turn_mask is not None:  # turns of the same conversation; the diagonal keeps every row non-empty
            allowed = (allowed & (turn_mask[:, :, None] == turn_mask[:, None, :])).unsqueeze(1)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=allowed)
        return states + self.out(mixed.transpose(1, 2).reshape(batch, turns, width)).to(states.dtype)
