"""Uncertainty weighting: each loss is divided by its learnt noise."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..checks import number
from .schedule import Schedule, mean_one


class Uncertainty(Schedule):
    r"""
    Weights :math:`e^{-s_i}`, with log variances :math:`s_i` that descend

    .. math:: \sum_i e^{-s_i} L_i + \tfrac{1}{2} s_i

    so that at rest :math:`e^{-s_i} = 1 / (2 L_i)`: an objective weighs the less, the larger the loss it is left with.

    Source: Kendall, Gal & Cipolla, "Multi-Task Learning Using Uncertainty to Weigh Losses for Scene Geometry and
    Semantics", CVPR 2018, eq. 10 (the classification form, used for all objectives here).

    Deviations: the log variances are not parameters of the optimizer. They take one plain gradient step after each
    optimizer step, from its observed losses, clipped to [-1, 1] so that one large loss cannot throw them off; their
    term is not in the logged loss. By default weights are scaled to mean 1, the paper's are not.

    Args:
        objectives (sequence of `str`): the k objectives.
        total_steps (`int`): optimizer steps of the run.
        learning_rate (`float`): of the log variances, > 0.
        normalise (`bool`): scale the weights to mean 1.
    """

    wants_losses = True
    kept = ("log_variances",)

    def __init__(
        self, objectives: Sequence[str], total_steps: int, learning_rate: float = 0.025, normalise: bool = True
    ):
        super().__init__(objectives, total_steps)
        self.learning_rate = number("learning_rate", learning_rate, above=0)
        self.normalise = normalise
        self.log_variances = torch.zeros(self.k, dtype=torch.float64)

    def weights(self, step: int) -> Tensor:
        precision = (-self.log_variances).exp()
        return mean_one(precision) if self.normalise else precision

    def learn(self, losses: Tensor, seen: Tensor, gram: Tensor | None) -> None:
        gradient = (0.5 - (-self.log_variances).exp() * losses).clamp(-1.0, 1.0)
        self.log_variances = self.log_variances - self.learning_rate * gradient.nan_to_num(0.0)
