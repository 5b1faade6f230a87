"""When a fault strikes: a moment drawn over the whole of a training run, from the first import to the last file."""

import random
from dataclasses import asdict, dataclass

WHERE = ("begin", "loss", "optimizer", "end")
"""Moments inside an optimizer step: before it, in a forward pass, before the optimizer, after it."""


@dataclass(frozen=True)
class Moment:
    """
    Attributes:
        at: `start` (`delay` seconds after the process began), `step` (`where` in optimizer step `step`), `save` (at
            the `operation`-th file that is opened, renamed or removed while checkpoint `step` is written, at the
            latest when it gets its name) or `after` (likewise, between the last step and `finished.json`).
        step: counted from 1.
        where: one of `WHERE`.
        operation: counted from 1.
        delay: seconds.
        rank: of the process that is struck.
    """

    at: str
    step: int = 0
    where: str = "end"
    operation: int = 1
    delay: float = 0.0
    rank: int = 0

    def __str__(self) -> str:
        rank = f", rank {self.rank}" if self.rank else ""
        if self.at == "start":
            return f"{self.delay:.1f} s after the start{rank}"
        if self.at == "step":
            return f"step {self.step}, {self.where}{rank}"
        if self.at == "save":
            return f"saving step {self.step}, file {self.operation}{rank}"
        return f"after the last step, file {self.operation}{rank}"

    def as_dict(self) -> dict:
        """For JSON."""
        return asdict(self)


def in_a_step(draw: random.Random, first: int, last: int, rank: int = 0) -> Moment:
    """Somewhere in one of these optimizer steps."""
    return Moment("step", draw.randint(first, last), draw.choice(WHERE), rank=rank)


def in_a_save(draw: random.Random, steps: int, interval: int, rank: int = 0, first: int = 1) -> Moment:
    """Somewhere in the writing of one of the checkpoints, from the `first`-th on."""
    saved = draw.randint(first, steps // interval) * interval
    return Moment("save", saved, operation=draw.randint(1, 16), delay=draw.choice((0.0, 0.002, 0.01)), rank=rank)


def anywhere(draw: random.Random, steps: int, interval: int, rank: int = 0) -> Moment:
    """One of ten in the start-up, five in a step, three in a save, one in ten after the last step."""
    kind = draw.random()
    if kind < 0.1:
        return Moment("start", delay=round(draw.uniform(0.1, 4.0), 2), rank=rank)
    if kind < 0.6:
        return in_a_step(draw, 1, steps, rank)
    if kind < 0.9:
        return in_a_save(draw, steps, interval, rank)
    return Moment("after", operation=draw.randint(1, 24), delay=draw.choice((0.0, 0.01)), rank=rank)
