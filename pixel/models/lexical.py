"""A second opinion from the words alone: a linear model on each turn's TF-IDF, averaged with the heads."""

import torch
from torch import Tensor, nn

from .labels import FIELDS


def bag_of_tokens(input_ids: Tensor, turn_spans: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """
    The distinct tokens of every turn and how often each stands in it.

    Args:
        input_ids: int `[batch, tokens]`.
        turn_spans: int `[batch, turns, 2]`, inclusive, -1 for no turn. Turns do not overlap.

    Returns:
        turn (`row * turns + turn`), token and count, `[entries]` each, sorted by turn and token.
    """
    batch, length = input_ids.shape
    turns = turn_spans.size(1)
    position = torch.arange(length, device=input_ids.device)
    inside = (position >= turn_spans[..., :1]) & (position <= turn_spans[..., 1:]) & (turn_spans[..., :1] >= 0)
    row, turn, place = inside.nonzero(as_tuple=True)  # inside: [batch, turns, tokens]
    vocabulary = int(input_ids.max()) + 1
    key, count = torch.unique((row * turns + turn) * vocabulary + input_ids[row, place], return_counts=True)
    return key // vocabulary, key % vocabulary, count


class LexicalExpert(nn.Module):
    """
    Logits from a turn's words: sub-linear TF-IDF of its token ids, L2-normalised, times a weight a label.

    A pooled state keeps a turn's gist and loses rare words, and a convex model on the words alone comes close to the
    network on small corpora. The two err differently, so their average beats both (`recipes/benchmark.py readout`).
    Fitted in closed form after training (`pixel.training.lexical_fit`), never by gradient.

    Source: sub-linear TF-IDF as in Manning, Raghavan & Schütze, "Introduction to Information Retrieval", 2008, ch. 6;
    averaging logits (logarithmic opinion pool): Hinton, "Products of Experts", 1999.

    Args:
        vocab_size: of the tokenizer.
        fields: the label fields it speaks about.
    """

    def __init__(self, vocab_size: int, fields: list[str]):
        super().__init__()
        self.fields = list(fields)
        self.widths = [FIELDS[name].logits for name in self.fields]
        self.idf = nn.Embedding(vocab_size, 1)
        self.weights = nn.Embedding(vocab_size, sum(self.widths))
        self.bias = nn.Embedding(1, sum(self.widths))
        self.idf.initial_weight = self.weights.initial_weight = self.bias.initial_weight = 0.0
        self.requires_grad_(False)

    def forward(self, input_ids: Tensor, turn_spans: Tensor) -> dict[str, Tensor]:
        """`[batch, tokens]`, `[batch, turns, 2]` -> float32 logits by field, `[batch, turns, width]`."""
        turn, token, count = bag_of_tokens(input_ids, turn_spans)
        value = (1 + count.float().log()) * self.idf(token).float().squeeze(-1)
        slots = input_ids.size(0) * turn_spans.size(1)
        norm = value.new_zeros(slots).index_add(0, turn, value**2).sqrt().clamp(min=1e-12)
        value = value / norm[turn]
        logits = self.bias(turn.new_zeros(slots)).float()
        logits = logits.index_add(0, turn, value.unsqueeze(-1) * self.weights(token).float())
        parts = logits.view(*turn_spans.shape[:2], -1).split(self.widths, -1)
        return dict(zip(self.fields, parts, strict=True))
