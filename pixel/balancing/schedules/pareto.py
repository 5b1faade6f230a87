"""Pareto optimal weights: MGDA's, from the Gram matrix of the gradients at the fork."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..checks import number
from ..conflicts import norms
from ..weighting import GramWeighting
from .schedule import Schedule, mean_one


class ParetoOptimal(Schedule):
    r"""
    The weights whose combined gradient is shortest, averaged over steps.

    .. math:: w = k \, \arg\min_{a \ge 0, \sum a = 1} a^\top G a

    where :math:`G` is the Gram matrix of the **unweighted** losses. At the minimum no objective can fall to first
    order without another one rising exactly if that gradient is zero. Weights have mean 1.

    Source: Désidéri 2012; Sener & Koltun, "Multi-Task Learning as Multi-Objective Optimization", NeurIPS 2018.

    Deviations: the weights of a step come from the steps before it (at the fork, the weighting `mgda` uses the
    step's own gradients), so they are smoothed. The answer favours short gradients and can leave an objective at 0,
    where its gradient could never be seen again: hence `floor`. `normalise` divides gradients by their norms first,
    as the authors' code offers.

    Args:
        objectives (sequence of `str`): the k objectives.
        total_steps (`int`): optimizer steps of the run.
        smoothing (`float`): in [0, 1), share of the past in the average of weights.
        floor (`float`): least weight before the mean is set to 1, in (0, 1].
        normalise (`bool`): compare directions only, gradients scaled to norm 1.

    Raises:
        ImportError: TorchJD is missing; the message says what to install.
    """

    wants_gram = True
    kept = ("solved",)

    def __init__(
        self,
        objectives: Sequence[str],
        total_steps: int,
        smoothing: float = 0.9,
        floor: float = 0.05,
        normalise: bool = False,
    ):
        super().__init__(objectives, total_steps)
        self.smoothing = number("smoothing", smoothing, least=0, below=1)
        self.floor = number("floor", floor, above=0, most=1)
        self.normalise = normalise
        self._weighting = GramWeighting("mgda", self.k)
        self.solved = torch.ones(self.k, dtype=torch.float64)

    def weights(self, step: int) -> Tensor:
        return mean_one(self.solved.clamp_min(self.floor))

    def learn(self, losses: Tensor, seen: Tensor, gram: Tensor | None) -> None:
        if gram is None:
            return
        length = norms(gram)
        active = length > 0
        if int(active.sum()) < 2:
            return
        if self.normalise:
            scale = torch.where(active, length, 1.0)
            gram = gram / (scale.unsqueeze(1) * scale)
        answer = self._weighting(gram)  # mean 1 over the active ones
        room = self.solved[active].mean()  # those without a gradient in this step keep their share
        mixed = self.smoothing * self.solved + (1.0 - self.smoothing) * answer * room
        self.solved = torch.where(active, mixed, self.solved)
