"""Curriculum: named phases of loss weights, with linear transitions."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from ..phases import Phases
from .schedule import Schedule


class Curriculum(Schedule):
    """
    Which objectives a run attends to, phase after phase.

    This decides the weights of losses, not the order of conversations.

    Source: the idea is that of Bengio et al., "Curriculum Learning", ICML 2009, applied to objectives.

    Args:
        objectives (sequence of `str`): the k objectives.
        total_steps (`int`): optimizer steps of the run.
        phases (sequence of mappings or `None`): each with `name`, `until`, `weights` and `transition` (see
            [`pixel.balancing.phases.Phases`]); weights are taken as given, mean not set to 1. By default: `speech`,
            the first objective at 1 and the others at 0.1 until .3 of the run; then `all` at 1, reached over .1.

    Example:
        >>> schedule = Curriculum(("language", "eq"), 11)
        >>> [round(schedule.weights(step)[1].item(), 2) for step in (0, 3, 4, 10)]
        [0.1, 0.1, 1.0, 1.0]
    """

    def __init__(self, objectives: Sequence[str], total_steps: int, phases: Sequence[Mapping] | None = None):
        super().__init__(objectives, total_steps)
        if phases is None:
            later = {name: 0.1 for name in self.objectives[1:]}
            phases = [
                {"name": "speech", "until": 0.3, "weights": later},
                {"name": "all", "until": 1.0, "transition": 0.1},
            ]
        self.phases = Phases(phases, self.objectives)

    def weights(self, step: int) -> Tensor:
        return self.phases.weights(self.fraction(step))
