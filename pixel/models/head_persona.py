"""Persona head: which mode a turn asks for, in which context, what triggers a switch, and whether to switch."""

import torch
from torch import Tensor, nn

from .head_layers import FieldHeads


class PersonaHead(nn.Module):
    """
    `[batch, turns, inputs]` -> logits of `persona_mode` (3), `persona_context` (8), `persona_trigger` (7) and
    `persona_switch` (1).

    A switch is a change, so its head (and the trigger's) also reads how the turn differs from the turn before.
    """

    NAMES = ("persona_mode", "persona_context", "persona_trigger", "persona_switch")
    CHANGE = ("persona_trigger", "persona_switch")

    def __init__(self, fields: list[str], inputs: int, hidden: int, dropout: float):
        super().__init__()
        self.read = FieldHeads([name for name in fields if name not in self.CHANGE], inputs, hidden, dropout)
        self.change = FieldHeads([name for name in fields if name in self.CHANGE], 2 * inputs, hidden, dropout)

    @staticmethod
    def with_change(states: Tensor, turn_mask: Tensor | None = None) -> Tensor:
        """`[batch, turns, inputs]` -> the states, then how each differs from the turn before: `[..., 2 * inputs]`."""
        before = nn.functional.pad(states, (0, 0, 1, 0))[:, :-1]  # the turn before; zeros before the first
        if turn_mask is not None:  # of the same conversation
            same = turn_mask == nn.functional.pad(turn_mask, (1, 0))[:, :-1]
            before = before * same.unsqueeze(-1).to(before.dtype)
        return torch.cat([states, states - before], -1)

    def forward(self, states: Tensor, turn_mask: Tensor | None = None) -> dict[str, Tensor]:
        return self.read(states) | self.change(self.with_change(states, turn_mask))
