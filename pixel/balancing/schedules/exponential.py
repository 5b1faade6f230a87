"""Exponential decay of loss weights towards end weights."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from ..checks import number
from .schedule import Schedule, start_and_end


class ExponentialDecay(Schedule):
    r"""
    The distance to the end weights halves every `half_life`.

    .. math:: w(f) = w_{end} + (w_{start} - w_{end}) \, 2^{-f / h}

    where :math:`f` in [0, 1] is how far the run is and :math:`h` the half-life. At the default of .1, a thousandth
    of the distance is left at the end.

    Args:
        objectives (sequence of `str`): the k objectives.
        total_steps (`int`): optimizer steps of the run.
        start (mapping or `None`): weights at the first step, 1 where not named; taken as given, mean not set to 1.
        end (mapping or `None`): weights to approach. With neither, see [`start_and_end`].
        half_life (`float`): as a fraction of the run, > 0.

    Example:
        >>> schedule = ExponentialDecay(("language", "eq"), 11, start={"eq": 5.0}, half_life=0.5)
        >>> [schedule.weights(step)[1].item() for step in (0, 5, 10)]
        [5.0, 3.0, 2.0]
    """

    def __init__(
        self,
        objectives: Sequence[str],
        total_steps: int,
        start: Mapping[str, float] | None = None,
        end: Mapping[str, float] | None = None,
        half_life: float = 0.1,
    ):
        super().__init__(objectives, total_steps)
        self.start, self.end = start_and_end(start, end, self.objectives)
        self.half_life = number("half_life", half_life, above=0)

    def weights(self, step: int) -> Tensor:
        return self.end + (self.start - self.end) * 2.0 ** (-self.fraction(step) / self.half_life)
