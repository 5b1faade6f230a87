"""Empathy head: EPITOME's mechanisms, six dimensions, genuine versus simulated, stage."""

from torch import Tensor, nn

from .head_layers import FieldHeads


class EmpathyHead(nn.Module):
    """
    `[batch, turns, inputs]` -> cumulative logits of `emotional_reactions`, `interpretations`, `explorations` (2 each)
    and `empathy_stage` (4), logits of `empathy_dimensions` (6) and `genuine` (1).
    """

    NAMES = (
        "emotional_reactions", "interpretations", "explorations", "empathy_dimensions", "genuine", "empathy_stage",
    )  # fmt: skip

    def __init__(self, fields: list[str], inputs: int, hidden: int, dropout: float):
        super().__init__()
        self.read = FieldHeads(fields, inputs, hidden, dropout)

    def forward(self, states: Tensor, turn_mask: Tensor | None = None) -> dict[str, Tensor]:
        return self.read(states)
