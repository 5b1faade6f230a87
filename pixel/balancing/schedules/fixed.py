"""Fixed weights: the baseline that every other schedule has to beat."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from ..checks import per_objective
from .schedule import Schedule


class Fixed(Schedule):
    """
    The same weights at every step.

    Well-tuned fixed weights are competitive with adaptive ones (arXiv 2505.10347, 2508.13979).

    Args:
        objectives (sequence of `str`): the k objectives.
        total_steps (`int`): optimizer steps of the run.
        weights (mapping or `None`): weight >= 0 by objective, 1 where not named; taken as given, mean not set to 1.

    Example:
        >>> Fixed(("language", "eq"), 10, weights={"eq": 0.3}).weights(0).tolist()
        [1.0, 0.3]
    """

    def __init__(self, objectives: Sequence[str], total_steps: int, weights: Mapping[str, float] | None = None):
        super().__init__(objectives, total_steps)
        self._weights = per_objective("weights", weights, self.objectives)

    def weights(self, step: int) -> Tensor:
        return self._weights.clone()
