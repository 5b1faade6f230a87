"""The order of a training epoch, kept so that batches without a word to learn stay together."""

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler


class KindSampler(Sampler[int]):
    """
    A random order in which every run of `batch_size` rows is of one kind.

    A batch in which no token is to be learned need not run past the readout layer; mixed into every batch, such rows
    would save nothing. Batches of both kinds come in random order, anew each epoch.

    Args:
        kinds: one value a row.
        batch_size: rows in a batch.
        seed: of the order.
    """

    def __init__(self, kinds: Sequence, batch_size: int, seed: int = 0):
        self.groups: dict = {}
        for index, kind in enumerate(kinds):
            self.groups.setdefault(kind, []).append(index)
        self.batch_size, self.seed, self.epoch, self.size = batch_size, seed, 0, len(kinds)

    def set_epoch(self, epoch: int) -> None:
        """Called by the data loader at the start of an epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[int]:
        random = torch.Generator().manual_seed(self.seed * 100_003 + self.epoch)
        whole, rest = [], []
        for members in self.groups.values():
            order = [members[i] for i in torch.randperm(len(members), generator=random).tolist()]
            cut = len(order) - len(order) % self.batch_size
            whole += [order[i : i + self.batch_size] for i in range(0, cut, self.batch_size)]
            rest += order[cut:]
        for batch in torch.randperm(len(whole), generator=random).tolist():
            yield from whole[batch]
        yield from rest
