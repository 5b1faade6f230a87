"""Emotion head: 28 GoEmotions labels, valence-arousal-dominance, distress."""

from torch import Tensor, nn

from .head_layers import FieldHeads, TurnAttention


class EmotionHead(nn.Module):
    """
    `[batch, turns, inputs]` -> logits of `emotion` (28), `vad` (3) and `distress` (1), whichever are among `fields`.

    With `attention`, each turn first attends over the turns up to it (`TurnAttention`).
    """

    NAMES = ("emotion", "vad", "distress")

    def __init__(self, fields: list[str], inputs: int, hidden: int, dropout: float, attention: bool = False):
        super().__init__()
        self.attention = TurnAttention(inputs) if attention else None
        self.read = FieldHeads(fields, inputs, hidden, dropout)

    def forward(self, states: Tensor, turn_mask: Tensor | None = None) -> dict[str, Tensor]:
        if self.attention is not None:
            states = self.attention(states, turn_mask)
        return self.read(states)
