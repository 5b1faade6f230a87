"""A probe set: held-out conversations that callbacks read again and again while a model trains."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from datasets import Dataset, concatenate_datasets

from pixel.data.collator import PixelCollator
from pixel.models.labels import FIELDS
from pixel.training.read_dataset import batches_of_length


@dataclass(frozen=True)
class ReadConversation:
    """
    One conversation as the heads read it.

    Attributes:
        row_id: of the conversation (long ones come in several windows, with one `row_id`).
        source: its corpus.
        roles: int `[turns]`, indices into `pixel.data.schema.ROLES`.
        logits: field -> float `[turns, width]`.
        labels: field -> float `[turns, size]` with NaN where unknown, or int `[turns]` with -100; only fields
            somebody labelled in this conversation's batch.
    """

    row_id: str
    source: str
    roles: np.ndarray
    logits: Mapping[str, np.ndarray]
    labels: Mapping[str, np.ndarray]


def probe_examples(validation: Mapping[str, Dataset], count: int, seed: int = 0) -> Dataset | None:
    """
    Some held-out examples of every corpus, as evenly as their sizes allow.

    Args:
        validation: corpus -> examples.
        count: at most so many in all; 0 for all.
        seed: of the draw.

    Returns:
        examples, or `None` where there are none.
    """
    parts = {name: data for name, data in validation.items() if len(data)}
    left, chosen = count or sum(map(len, parts.values())), []
    for place, (_, data) in enumerate(sorted(parts.items(), key=lambda item: len(item[1]))):
        share = min(len(data), left // (len(parts) - place))
        left -= share
        if share:
            chosen.append(data.shuffle(seed=seed).select(range(share)))
    return concatenate_datasets(chosen) if chosen else None


class ProbeSet:
    """
    Reads the same held-out conversations for every callback that asks, once a step.

    Args:
        examples: of `pixel.data.examples.encode_dataset`, not packed.
        read: batch of the collator (without labels) -> logits by field `[batch, turns, width]`.
        pad_token_id: of the tokenizer.
        tokens: padded tokens in a batch.
    """

    def __init__(self, examples: Dataset, read, pad_token_id: int, *, tokens: int = 4096):
        self.examples, self.read, self.tokens = examples, read, tokens
        self.collate = PixelCollator(pad_token_id)
        self._step, self._conversations = -1, []

    @torch.no_grad()
    def at(self, step: int) -> list[ReadConversation]:
        """All conversations, in the order of the examples, as the model reads them now; kept for this step."""
        if step != self._step:
            found: list[ReadConversation | None] = [None] * len(self.examples)
            for members in batches_of_length([len(ids) for ids in self.examples["input_ids"]], self.tokens):
                rows = [self.examples[index] for index in members]
                for index, conversation in zip(members, self._read(rows), strict=True):
                    found[index] = conversation
            self._step, self._conversations = step, found
        return self._conversations

    def _read(self, rows: list[dict]) -> list[ReadConversation]:
        batch = self.collate(rows)
        labels = {name: batch.pop(name).numpy() for name in FIELDS if name in batch}
        batch = {name: value for name, value in batch.items() if name not in ("labels", "turn_roles")}
        logits = {name: value.float().cpu().numpy() for name, value in self.read(batch).items()}
        out = []
        for number, row in enumerate(rows):
            turns = len(row["turn_spans"])
            out.append(
                ReadConversation(
                    row_id=str(row.get("row_id")),
                    source=str(row.get("source")),
                    roles=np.array(row["turn_roles"]),
                    logits={name: value[number, :turns] for name, value in logits.items()},
                    labels={name: value[number, :turns] for name, value in labels.items()},
                )
            )
        return out
