"""FAMO: weights under which all losses fall at an even rate, from the losses alone."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ..checks import known_objectives, number
from .schedule import Schedule, follow, mean_one, unseen


class FAMO(Schedule):
    r"""
    Fast adaptive multitask optimization: log losses should fall alike.

    .. math:: w_i = k \, \frac{z_i / D_i}{\sum_j z_j / D_j}, \quad z = \mathrm{softmax}(\xi), \quad
              D_i = L_i - L_i^{min}

    where the logits :math:`\xi` descend along :math:`J^\top \delta + \gamma \xi` with Adam, :math:`J` being the
    Jacobian of the softmax and :math:`\delta_i` the fall of :math:`\log D_i`: the loss that fell least gains.
    Weights have mean 1.

    Source: Liu et al., "FAMO: Fast Adaptive Multitask Optimization", NeurIPS 2023, algorithm 1 and its code.

    Deviations: the paper measures :math:`\delta` on the **same** batch before and after the update, at the price of
    a second forward pass. Here it is the change between consecutive steps, on different batches, so losses are
    smoothed first; :math:`D` in the weights is the last smoothed one, so the first step has weights of 1 and the fall
    over it is not counted. An objective unlabelled in a step keeps its running loss, and its logit's gradient is 0;
    one never labelled weighs 1.

    Args:
        objectives (sequence of `str`): the k objectives.
        total_steps (`int`): optimizer steps of the run.
        learning_rate (`float`): of the logits, > 0; .025 in the authors' code.
        gamma (`float`): decay of the logits towards equal ones, >= 0; .01 in the authors' code.
        smoothing (`float`): in [0, 1), share of the past in the average of losses.
        minimum (mapping or `None`): lowest reachable loss by objective, 0 where not named.
    """

    wants_losses = True
    kept = ("logits", "running", "counts", "first_moment", "second_moment", "updates")

    def __init__(
        self,
        objectives: Sequence[str],
        total_steps: int,
        learning_rate: float = 0.025,
        gamma: float = 0.01,
        smoothing: float = 0.9,
        minimum: Mapping[str, float] | None = None,
    ):
        super().__init__(objectives, total_steps)
        self.learning_rate = number("learning_rate", learning_rate, above=0)
        self.gamma = number("gamma", gamma, least=0)
        self.smoothing = number("smoothing", smoothing, least=0, below=1)
        least = known_objectives("minimum", minimum, self.objectives)
        least = [number(f"minimum[{name}]", least.get(name, 0.0)) for name in self.objectives]
        self._minimum = torch.tensor(least, dtype=torch.float64)
        self.logits = torch.zeros(self.k, dtype=torch.float64)
        self.running = unseen(self.k)
        self.counts = torch.zeros(self.k, dtype=torch.float64)  # steps in which the objective was labelled
        self.first_moment = torch.zeros(self.k, dtype=torch.float64)
        self.second_moment = torch.zeros(self.k, dtype=torch.float64)
        self.updates = 0

    def weights(self, step: int) -> Tensor:
        known = ~self.running.isnan()
        weights = torch.ones(self.k, dtype=torch.float64)
        if bool(known.any()):
            weights[known] = mean_one(torch.softmax(self.logits, 0)[known] / self._distance(self.running)[known])
        return weights

    def learn(self, losses: Tensor, seen: Tensor, gram: Tensor | None) -> None:
        before, self.running = self.running, follow(self.running, losses, self.smoothing)
        moved = seen & (self.counts >= 2)  # the first fall happened under weights that knew no loss
        self.counts = self.counts + seen
        if not bool(moved.any()):
            return
        share = torch.softmax(self.logits, 0)
        fall = self._distance(before).log() - self._distance(self.running).log()
        mean = (share * fall)[moved].sum() / share[moved].sum()
        gradient = torch.where(moved, share * (fall - mean), 0.0)  # the softmax' Jacobian, over those that moved
        self._adam(gradient + self.gamma * self.logits)

    def _distance(self, losses: Tensor) -> Tensor:
        return (losses - self._minimum).clamp_min(1e-8)

    def _adam(self, gradient: Tensor) -> None:
        self.updates += 1
        self.first_moment = 0.9 * self.first_moment + 0.1 * gradient
        self.second_moment = 0.999 * self.second_moment + 0.001 * gradient.square()
        first = self.first_moment / (1.0 - 0.9**self.updates)
        second = self.second_moment / (1.0 - 0.999**self.updates)
        self.logits = self.logits - self.learning_rate * first / (second.sqrt() + 1e-8)
