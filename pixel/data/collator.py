"""From examples to a batch."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from pixel.models.labels import FIELDS, Field

IGNORE = -100


class PixelCollator:
    """
    Pads examples (see `pixel.data.examples.encode_row`, packed or not) on the right.

    Args:
        pad_token_id: for `input_ids`.
        pad_to_multiple_of: round lengths up, for tensor cores.

    Returns (from a call):
        `input_ids`, `labels` int `[batch, tokens]`; `attention_mask` for unpacked batches, `position_ids` for packed
        ones (restarting positions are what keeps packed conversations apart); `turn_spans [batch, turns, 2]` (-1
        where there is none), `turn_mask [batch, turns]` (0, or the number of the conversation in the row),
        `turn_roles` (index into `pixel.data.schema.ROLES`, -1 where there is none), and each label field that somebody
        labelled: float `[batch, turns, size]` with NaN for unknown, or int `[batch, turns]` with -100.
    """

    def __init__(self, pad_token_id: int, pad_to_multiple_of: int | None = None):
        self.pad_token_id = pad_token_id
        self.pad_to_multiple_of = pad_to_multiple_of

    def __call__(self, examples: Sequence[Mapping[str, Any]]) -> dict[str, Tensor]:
        length = max(len(example["input_ids"]) for example in examples)
        if self.pad_to_multiple_of:
            length = -(-length // self.pad_to_multiple_of) * self.pad_to_multiple_of
        turns = max(1, max(len(example["turn_spans"]) for example in examples))
        shape = (len(examples), length)
        batch = {
            "input_ids": torch.full(shape, self.pad_token_id),
            "labels": torch.full(shape, IGNORE),
            "attention_mask": torch.zeros(shape, dtype=torch.long),
            "position_ids": torch.zeros(shape, dtype=torch.long),
            "turn_spans": torch.full((len(examples), turns, 2), -1),
            "turn_mask": torch.zeros((len(examples), turns), dtype=torch.long),
            "turn_roles": torch.full((len(examples), turns), -1),
        }
        for row, example in enumerate(examples):
            size, count = len(example["input_ids"]), len(example["turn_spans"])
            for name in ("input_ids", "labels", "position_ids"):
                batch[name][row, :size] = torch.as_tensor(example[name])
            batch["attention_mask"][row, :size] = 1
            batch["position_ids"][row, size:] = torch.arange(length - size)  # padding is a document of its own
            if count:
                batch["turn_spans"][row, :count] = torch.as_tensor(example["turn_spans"])
                batch["turn_mask"][row, :count] = torch.as_tensor(example["turn_mask"])
                batch["turn_roles"][row, :count] = torch.as_tensor(example["turn_roles"])
        packed = bool((batch["turn_mask"] > 1).any())
        del batch["attention_mask" if packed else "position_ids"]
        for name, field in FIELDS.items():
            if any(_labelled(example.get(name)) for example in examples):
                batch[name] = self.labels(field, [example.get(name) for example in examples], turns)
        return batch

    @staticmethod
    def labels(field: Field, column: list, turns: int) -> Tensor:
        """One field's labels, a row a list of turns: float `[rows, turns, size]` with NaN, or int `[rows, turns]`."""
        nan = float("nan")
        if field.is_vector:
            out = torch.full((len(column), turns, field.size), nan)
        else:
            out = torch.full((len(column), turns), IGNORE)
        for row, per_turn in enumerate(column):
            for turn, label in enumerate(per_turn or ()):
                if label is None:
                    continue
                if field.is_vector:
                    label = torch.tensor([nan if value is None else value for value in label])
                out[row, turn] = label
        return out


def _labelled(per_turn) -> bool:
    return per_turn is not None and any(label is not None for label in per_turn)
