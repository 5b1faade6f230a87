"""How much a turn is told by the one before it, in the eyes of a causal language model."""

from collections.abc import Sequence
from typing import Any

import numpy as np

LONGEST = 96
"""Tokens of a turn that are looked at, and of the one before it (its last)."""


class Told:
    """
    Nats a token by which a turn is likelier after the turn before it than at the start of a talk.

    Args:
        model: a causal language model, e.g. of `AutoModelForCausalLM`; it is not changed.
        tokenizer: its own.
        batch: pairs at a time.

    Example:
        >>> told = Told(model, tokenizer)
        >>> told([("How old are you?", "I am nine."), ("Where is it?", "I am nine.")])
        array([1.2..., 0.1...])
    """

    def __init__(self, model: Any, tokenizer: Any, batch: int = 16):
        self.model, self.tokenizer, self.batch = model, tokenizer, batch

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        """Float `[pairs]`; 0 for a turn without tokens."""
        turns = [self._ids(f" {turn.strip()}\n")[:LONGEST] for _, turn in pairs]
        before = [self._ids(f" {one.strip()}\n")[-LONGEST:] for one, _ in pairs]
        first = self._ids("\n")
        alone = self._nats([first + self._ids("-") for _ in pairs], turns)
        after = self._nats([first + self._ids("-") + one + self._ids("-") for one in before], turns)
        lengths = np.array([max(1, len(turn)) for turn in turns])
        return (alone - after) / lengths

    def _ids(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def _nats(self, given: Sequence[list[int]], turns: Sequence[list[int]]) -> np.ndarray:
        """Surprise of each turn after what is given, in nats, summed over its tokens."""
        import torch

        out, order = np.zeros(len(turns)), np.argsort([len(a) + len(b) for a, b in zip(given, turns, strict=True)])
        device = next(self.model.parameters()).device
        for start in range(0, len(order), self.batch):
            rows = order[start : start + self.batch]
            ids = [given[row] + turns[row] for row in rows]
            width = max(map(len, ids))
            tokens = torch.tensor([one + [0] * (width - len(one)) for one in ids], device=device)
            mask = torch.tensor([[1] * len(one) + [0] * (width - len(one)) for one in ids], device=device)
            with torch.no_grad():
                logits = self.model(input_ids=tokens, attention_mask=mask).logits[:, :-1].float()
            nats = torch.nn.functional.cross_entropy(logits.transpose(1, 2), tokens[:, 1:], reduction="none").cpu()
            for place, row in enumerate(rows):
                first = len(given[row]) - 1
                out[row] = float(nats[place, first : first + len(turns[row])].sum())
        return out
