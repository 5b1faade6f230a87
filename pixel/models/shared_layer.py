"""The layer that all heads read through, where there is one."""

from torch import Tensor, nn


class SharedLayer(nn.Module):
    """
    A residual bottleneck on turn states: `x + up(dropout(gelu(down(norm(x)))))`, the identity before training.

    Source: the adapter of Houlsby et al., "Parameter-Efficient Transfer Learning for NLP", ICML 2019, placed once,
    between the trunk and the heads.

    Args:
        inputs: width of a turn state.
        size: width of the bottleneck.
        dropout: inside the bottleneck.
    """

    def __init__(self, inputs: int, size: int, dropout: float = 0.0):
        super().__init__()
        self.norm = nn.LayerNorm(inputs)
        self.down = nn.Linear(inputs, size)
        self.dropout = nn.Dropout(dropout)
        self.up = nn.Linear(size, inputs)
        self.up.initial_weight = self.up.initial_bias = 0.0  # see `PixelPreTrainedModel._init_weights`

    def forward(self, states: Tensor) -> Tensor:
        """`[..., inputs]` to `[..., inputs]`, in the dtype of this layer."""
        states = states.to(self.norm.weight.dtype)
        return states + self.up(self.dropout(nn.functional.gelu(self.down(self.norm(states)))))
