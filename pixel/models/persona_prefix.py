"""Soft prompts: learned vectors that stand for a persona mode at the start of a conversation."""

import torch
from torch import Tensor, nn

from .labels import PERSONA_MODES


class PersonaPrefix(nn.Module):
    """
    `length` learned vectors for each persona mode, put in place of reserved tokens.

    Slot `mode * length + i` is vector *i* of a mode. The collator reserves `length` tokens in the system message and
    says which slot each of them is; nothing shifts, so turn spans stay as they are.

    Source: Lester et al., "The Power of Scale for Parameter-Efficient Prompt Tuning", EMNLP 2021.
    """

    def __init__(self, hidden_size: int, length: int):
        super().__init__()
        self.length = length
        self.vectors = nn.Embedding(len(PERSONA_MODES) * length, hidden_size)

    def forward(self, embeddings: Tensor, slots: Tensor) -> Tensor:
        """`embeddings [batch, tokens, hidden]`, `slots int [batch, tokens]` (-1 for none) -> embeddings."""
        vectors = self.vectors(slots.clamp(min=0)).to(embeddings.dtype)
        return torch.where((slots >= 0).unsqueeze(-1), vectors, embeddings)
