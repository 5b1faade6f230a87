"""Cosine annealing of loss weights, with restarts."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

import torch
from torch import Tensor

from ..checks import number, whole
from .schedule import Schedule, start_and_end


class CosineAnnealing(Schedule):
    r"""
    From start weights to end weights along half a cosine, once or in cycles.

    .. math:: w(p) = w_{end} + \tfrac{1}{2} (w_{start} - w_{end}) (1 + \cos \pi p)

    where :math:`p` goes from 0 to 1 over a cycle. The last step of the run has the end weights.

    Source: the annealing and restarts of SGDR (Loshchilov & Hutter, ICLR 2017), there for the learning rate.

    Args:
        objectives (sequence of `str`): the k objectives.
        total_steps (`int`): optimizer steps of the run.
        start (mapping or `None`): weights at the start of a cycle, 1 where not named; taken as given, mean not set
            to 1.
        end (mapping or `None`): weights at its end. With neither, see [`start_and_end`].
        cycles (`int`): how often to go from start to end, >= 1.
        growth (`float`): how many times longer each cycle is than the one before, > 0 (SGDR's `T_mult`).

    Example:
        >>> schedule = CosineAnnealing(("language", "eq"), 5, start={"eq": 0.0})
        >>> [round(schedule.weights(step)[1].item(), 3) for step in range(5)]
        [0.0, 0.146, 0.5, 0.854, 1.0]
    """

    def __init__(
        self,
        objectives: Sequence[str],
        total_steps: int,
        start: Mapping[str, float] | None = None,
        end: Mapping[str, float] | None = None,
        cycles: int = 1,
        growth: float = 1.0,
    ):
        super().__init__(objectives, total_steps)
        self.start, self.end = start_and_end(start, end, self.objectives)
        growth = number("growth", growth, above=0)
        lengths = [growth**cycle for cycle in range(whole("cycles", cycles))]
        self._edges = [reached / sum(lengths) for reached in accumulate(lengths)]

    def weights(self, step: int) -> Tensor:
        fraction = self.fraction(step)
        cycle = min(bisect_right(self._edges, fraction), len(self._edges) - 1)
        begin = self._edges[cycle - 1] if cycle else 0.0
        share = 0.5 * (1.0 - math.cos(math.pi * (fraction - begin) / (self._edges[cycle] - begin)))
        return torch.lerp(self.start, self.end, share)
