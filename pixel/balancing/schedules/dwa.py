"""Dynamic weight average: objectives whose loss falls slowly get more weight."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..checks import number, whole
from .schedule import Schedule, unseen


class DynamicWeightAverage(Schedule):
    r"""
    Performance-based weights, from how fast each loss falls.

    .. math:: w_i = k \, \frac{\exp(r_i / T)}{\sum_j \exp(r_j / T)}, \qquad r_i = \frac{L_i(t-1)}{L_i(t-2)}

    where :math:`L_i(t-1)` and :math:`L_i(t-2)` are the mean losses of the last two windows, :math:`T` the
    temperature and :math:`k` the number of objectives. The weights have mean 1, and are 1 each over the first two
    windows.

    Source: Liu, Johns & Davison, "End-to-End Multi-Task Learning with Attention", CVPR 2019, eq. 7.

    Deviations: a window is a number of steps, not an epoch. Its mean is over the steps in which the objective was
    labelled; an objective that was not, in either window, keeps its last ratio (1 at first).

    Args:
        objectives (sequence of `str`): the k objectives.
        total_steps (`int`): optimizer steps of the run.
        temperature (`float`): > 0; the larger, the more even the weights. 2 in the paper.
        window (`int` or `None`): steps of a window; a twentieth of the run by default.
    """

    wants_losses = True
    kept = ("ratio", "previous", "sums", "counts", "steps")

    def __init__(
        self, objectives: Sequence[str], total_steps: int, temperature: float = 2.0, window: int | None = None
    ):
        super().__init__(objectives, total_steps)
        self.temperature = number("temperature", temperature, above=0)
        self.window = max(1, self.total_steps // 20) if window is None else whole("window", window)
        self.ratio = torch.ones(self.k, dtype=torch.float64)
        self.previous = unseen(self.k)  # mean losses of the last full window
        self.sums = torch.zeros(self.k, dtype=torch.float64)
        self.counts = torch.zeros(self.k, dtype=torch.float64)
        self.steps = 0  # of the window under way

    def weights(self, step: int) -> Tensor:
        return self.k * torch.softmax(self.ratio / self.temperature, 0)

    def learn(self, losses: Tensor, seen: Tensor, gram: Tensor | None) -> None:
        self.sums = self.sums + losses.nan_to_num(0.0)
        self.counts = self.counts + seen
        self.steps += 1
        if self.steps < self.window:
            return
        mean = self.sums / self.counts  # NaN where never labelled
        ratio = mean / self.previous
        self.ratio = torch.where(ratio.isfinite() & (self.previous > 0), ratio, self.ratio)
        self.previous = torch.where(mean.isnan(), self.previous, mean)
        self.sums, self.counts, self.steps = torch.zeros_like(mean), torch.zeros_like(mean), 0
