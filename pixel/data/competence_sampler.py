"""The order of a training epoch under a curriculum: every batch from the rows that are admitted when it is drawn."""

from collections.abc import Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler


class CompetenceSampler(Sampler[int]):
    """
    As many draws an epoch as there are rows; each batch only from the rows that the curriculum admits at its first.

    Within an epoch, no row comes again before every admitted row has come, so that an epoch in which all rows are
    admitted goes through each once.

    The order follows from the seed, the epoch and the curriculum alone: it is the same on every rank, where accelerate
    deals the batches out (`BatchSamplerShard` walks through all of them on each rank; a sampler that is no
    `RandomSampler` and has no attribute `generator` is left as it is). transformers resumes by walking through the
    epoch again; what was admitted at each draw is then read from the curriculum's history, and rows that were counted
    are not counted again.

    A data loader draws ahead of the step: one batch a rank, and `prefetch_factor` batches for each of its workers. A
    move that validation makes is therefore felt that many batches later. It is written down at the draw where it is
    felt, and a resumed loader runs ahead by as much: with the same number of ranks and workers the resumed run is the
    unbroken one.

    With `kinds`, a batch is of one kind as long as that kind has rows waiting, so that batches without a word to learn
    stay together (see `pixel.data.sampling.KindSampler`).

    Args:
        curriculum: `difficulty` (one value a row), `at(draw)` (comparable), `admitted(limit, least)` (bool `[rows]`),
            `drew(draw, rows)`, `drawn` (see `pixel.training.curriculum.Curriculum`).
        batch_size: rows in a batch of one rank.
        seed: of the order.
        kinds: one value a row.

    Raises:
        ValueError: a batch of no row, or kinds that are not one a row.
    """

    def __init__(self, curriculum, batch_size: int, seed: int = 0, kinds: Sequence | None = None):
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}; it must be at least 1")
        self.curriculum, self.batch_size, self.seed = curriculum, batch_size, seed
        self.size = len(curriculum.difficulty)
        self.epoch: int | None = None
        names = np.zeros(self.size) if kinds is None else np.asarray(kinds)
        if len(names) != self.size:
            raise ValueError(f"there are {len(names)} kinds for {self.size} rows")
        self._kinds = [names == name for name in np.unique(names)]

    def set_epoch(self, epoch: int) -> None:
        """
        Called by the data loader at the start of an epoch.

        Not where several ranks resume in the middle of one: accelerate reaches two wrappers deep, and there are three.
        The epoch is then the one in which the last row was drawn.
        """
        self.epoch = epoch

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[int]:
        epoch = self.epoch if self.epoch is not None else max(self.curriculum.drawn - 1, 0) // self.size
        random = np.random.default_rng([self.seed, epoch])
        done = np.zeros(self.size, dtype=bool)  # in this pass through the admitted rows
        limit, admitted, waiting = None, done, []
        for first in range(0, self.size, self.batch_size):
            draw = epoch * self.size + first
            now = self.curriculum.at(draw)
            if now != limit:
                limit, admitted = now, self.curriculum.admitted(now, self.batch_size)
                waiting = self._waiting(admitted & ~done)
            which, *places = random.random(1 + min(self.batch_size, self.size - first)).tolist()
            group, batch = None, []
            for place in places:
                if not any(rows.left for rows in waiting):
                    done[:] = False
                    waiting = self._waiting(admitted)
                if group is None:
                    group = _choose(waiting, which)
                elif not group.left:
                    group = max(waiting, key=lambda rows: rows.left)
                batch.append(group.take(place))
                done[batch[-1]] = True
            self.curriculum.drew(draw, batch)
            yield from batch

    def _waiting(self, rows: np.ndarray) -> "list[_Waiting]":
        return [_Waiting(np.flatnonzero(rows & kind)) for kind in self._kinds]


class _Waiting:
    """Rows of one kind that have not come in this pass, to be taken in any order."""

    def __init__(self, rows: np.ndarray):
        self.rows, self.left = rows, len(rows)

    def take(self, place: float) -> int:
        """The row at a place in [0, 1) of those left."""
        at = int(place * self.left)
        row = int(self.rows[at])
        self.left -= 1
        self.rows[at] = self.rows[self.left]
        return row


def _choose(groups: "list[_Waiting]", place: float) -> "_Waiting":
    """The group that a place in [0, 1) falls into, if each is as wide as it has rows."""
    place *= sum(rows.left for rows in groups)
    for rows in groups:
        place -= rows.left
        if place < 0:
            return rows
    return max(groups, key=lambda rows: rows.left)
