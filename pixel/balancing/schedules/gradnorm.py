"""GradNorm: weights that make the objectives' gradients about equally long."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..checks import number, whole
from ..conflicts import norms
from .schedule import Schedule, follow, unseen


class GradNorm(Schedule):
    r"""
    Weights learnt so that weighted gradient norms approach a common one, longer for objectives that train slowly.

    Each step descends :math:`\sum_i |G_i - \bar G \, r_i^\alpha|`, the targets held constant, where
    :math:`G_i = w_i \lVert g_i \rVert`, :math:`\bar G` is their mean, and :math:`r_i` the loss relative to its
    first value, :math:`L_i / L_i(0)`, over the mean of these. Then the weights are set to mean 1.

    Source: Chen et al., "GradNorm: Gradient Normalization for Adaptive Loss Balancing", ICML 2018, algorithm 1.

    Deviations: norms are those at the fork (the paper: of the last shared layer's weights), from the diagonal of
    its Gram matrix. The step is taken on the logarithm of the weights, with norms relative to :math:`\bar G`: they
    stay positive and do not depend on the scale of the losses. :math:`L_i(0)` is the mean over the first `warmup`
    labelled steps and :math:`L_i` an exponential average, since a step may hold few labels. Objectives without a
    gradient in a step are left out of it.

    Args:
        objectives (sequence of `str`): the k objectives.
        total_steps (`int`): optimizer steps of the run.
        alpha (`float`): >= 0; 0 asks for equal norms, more pulls harder towards equal training rates. 1.5 in the
            paper for NYUv2.
        learning_rate (`float`): of the log weights, > 0.
        warmup (`int`): labelled steps that make an objective's first loss, >= 1; it keeps its weight until then.
        smoothing (`float`): in [0, 1), share of the past in the average of losses.
    """

    wants_losses = wants_gram = True
    kept = ("log_weights", "initial", "counts", "running")

    def __init__(
        self,
        objectives: Sequence[str],
        total_steps: int,
        alpha: float = 1.5,
        learning_rate: float = 0.025,
        warmup: int = 10,
        smoothing: float = 0.9,
    ):
        super().__init__(objectives, total_steps)
        self.alpha = number("alpha", alpha, least=0)
        self.learning_rate = number("learning_rate", learning_rate, above=0)
        self.warmup = whole("warmup", warmup)
        self.smoothing = number("smoothing", smoothing, least=0, below=1)
        self.log_weights = torch.zeros(self.k, dtype=torch.float64)
        self.initial = torch.zeros(self.k, dtype=torch.float64)
        self.counts = torch.zeros(self.k, dtype=torch.float64)
        self.running = unseen(self.k)

    def weights(self, step: int) -> Tensor:
        return self.log_weights.exp()

    def learn(self, losses: Tensor, seen: Tensor, gram: Tensor | None) -> None:
        young = seen & (self.counts < self.warmup)
        self.counts = self.counts + young
        self.initial = torch.where(young, self.initial + (losses - self.initial) / self.counts, self.initial)
        self.running = follow(self.running, losses, self.smoothing)
        if gram is None:
            return
        length = norms(gram)
        active = (length > 0) & (self.counts >= self.warmup)
        if int(active.sum()) < 2:
            return
        size = self.log_weights.exp()[active] * length[active]
        size = size / size.mean()
        tiny = torch.finfo(torch.float64).tiny ** 0.5
        progress = self.running[active].clamp_min(tiny) / self.initial[active].clamp_min(tiny)
        target = (progress / progress.mean()) ** self.alpha
        moved = self.log_weights.clone()
        moved[active] -= self.learning_rate * (size - target).sign() * size
        self.log_weights = moved - moved.exp().mean().log()
