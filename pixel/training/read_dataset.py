"""Reading a labelled dataset: the heads' logits beside what people said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from datasets import Dataset
from torch import Tensor
from tqdm.auto import tqdm

from pixel.data.collator import IGNORE, PixelCollator
from pixel.models import PixelForCausalLM
from pixel.models.labels import FIELDS


@dataclass
class FieldReadings:
    """
    One field on one corpus, labelled turns only.

    Attributes:
        logits: float `[turns, width]`.
        targets: float `[turns, size]` (NaN unknown) or int `[turns]`.
        groups: `[turns]`, the person or thread each turn is from.
    """

    logits: list[np.ndarray] = field(default_factory=list)
    targets: list[np.ndarray] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)

    def add(self, logits: Tensor, target: Tensor, groups: Sequence) -> None:
        """Take in the labelled turns of a batch: `[rows, turns, ...]` each, and the group of each row."""
        known = ~target.isnan().all(-1) if target.is_floating_point() else target != IGNORE
        rows, _ = known.nonzero(as_tuple=True)
        self.logits.append(logits[known].float().cpu().numpy())
        self.targets.append(target[known].cpu().numpy())
        self.groups += [str(groups[row]) for row in rows.tolist()]

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Logits, targets, groups, joined."""
        return np.concatenate(self.logits), np.concatenate(self.targets), np.array(self.groups)


@torch.no_grad()
def read_dataset(
    network: PixelForCausalLM, dataset: Dataset, pad_token_id: int, *, tokens: int = 4096, name: str = "", quiet=False
) -> dict[str, FieldReadings]:
    """
    Read every labelled turn of a dataset of examples (`pixel.data.examples`, not packed).

    Runs the backbone up to the readout layer only, in batches of similar length.

    Args:
        network: a Pixel model (not wrapped by PEFT; adapters inside it are fine).
        dataset: examples of one corpus.
        pad_token_id: of the tokenizer.
        tokens: padded tokens in a batch.
        name: shown beside the progress bar.
        quiet: no progress bar.

    Returns:
        by field, for the fields that have a head and a label.
    """
    training = network.training
    network.eval()
    collate = PixelCollator(pad_token_id)
    lengths = [len(ids) for ids in dataset["input_ids"]]
    readings: dict[str, FieldReadings] = {}
    bar = tqdm(total=len(dataset), desc=f"Reading {name}".strip(), disable=quiet, leave=False)
    for members in batches_of_length(lengths, tokens):
        examples = [dataset[index] for index in members]
        batch = {key: value.to(network.device) for key, value in collate(examples).items()}
        labels = {key: batch.pop(key) for key in FIELDS if key in batch}
        if labels:
            batch = {key: value for key, value in batch.items() if key not in ("labels", "turn_roles")}
            logits = network.read(**batch)
            groups = [example.get("group") for example in examples]
            for field_name in set(labels) & set(logits):
                into = readings.setdefault(field_name, FieldReadings())
                into.add(logits[field_name], labels[field_name], groups)
        bar.update(len(members))
    bar.close()
    network.train(training)
    return readings


def batches_of_length(lengths: list[int], tokens: int) -> Iterator[list[int]]:
    """Indices in batches of similar length, none above `tokens` padded tokens (a longer row comes alone)."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if batch and (len(batch) + 1) * lengths[index] > tokens:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
