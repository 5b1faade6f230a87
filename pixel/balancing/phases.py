"""Training phases: stretches of a run with weights of their own, and linear transitions between them."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from .checks import distinct_names, number, per_objective

KEYS = ("name", "until", "weights", "transition")


class Phases:
    """
    Weights `[k]` for each stretch of a run.

    A run goes from fraction 0 (first optimizer step) to 1 (last). Phase `i` reaches from the previous one's `until`
    to its own; over the first `transition` of it, weights move linearly from the previous phase's to its own.

    Args:
        phases (sequence of mappings): in order, each with `name`; `until`, a fraction in (0, 1], 1 for the last;
            `weights`, objective to weight >= 0, 1 where not named; `transition`, a fraction of the **run**, 0 by
            default (a jump), at most the phase's own length and 0 for the first phase.
        objectives (sequence of `str`): the k objectives.
        option (`str`): what messages call the list.

    Raises:
        ValueError: unknown key or objective, fractions that do not rise to 1, a transition that does not fit.

    Example:
        >>> phases = Phases(
        ...     [
        ...         {"name": "talk", "until": 0.5, "weights": {"eq": 0}},
        ...         {"name": "read", "until": 1, "transition": 0.2},
        ...     ],
        ...     ("language", "eq"),
        ... )
        >>> phases.weights(0.6).tolist()
        [1.0, 0.4999...]
    """

    def __init__(self, phases: Sequence[Mapping], objectives: Sequence[str], option: str = "phases"):
        self.objectives = distinct_names(objectives)
        if isinstance(phases, (str, Mapping)) or not isinstance(phases, Sequence) or not phases:
            raise ValueError(f"{option} must be a list of phases with {', '.join(KEYS)}, found {phases!r}")
        self.names: list[str] = []
        self.ends: list[float] = []
        self._weights: list[Tensor] = []
        self._transitions: list[float] = []
        for place, phase in enumerate(phases):
            self._add(phase, f"{option}[{place}]")
        if self.ends[-1] != 1.0:
            raise ValueError(f"{option} must end at 1: set until: 1 in {self.names[-1]!r}, found {self.ends[-1]:g}")

    def index(self, fraction: float) -> int:
        """Which phase a fraction in [0, 1] of the run lies in. A phase begins exactly where the previous one ends."""
        return next((place for place, end in enumerate(self.ends) if fraction < end), len(self.ends) - 1)

    def weights(self, fraction: float) -> Tensor:
        """Weights at a fraction in [0, 1] of the run, float64 `[k]`, as given in the options (mean not set to 1)."""
        place = self.index(fraction)
        if place > 0 and self._transitions[place] > 0:
            share = (fraction - self.ends[place - 1]) / self._transitions[place]
            if share < 1.0:
                return torch.lerp(self._weights[place - 1], self._weights[place], share)
        return self._weights[place].clone()

    def _add(self, phase: Mapping, where: str) -> None:
        if not isinstance(phase, Mapping) or not {"name", "until"} <= set(phase) or set(phase) - set(KEYS):
            raise ValueError(f"{where} must have name and until, and may have weights and transition, found {phase!r}")
        name, begin = str(phase["name"]), self.ends[-1] if self.ends else 0.0
        if name in self.names:
            raise ValueError(f"{where}: the name {name!r} is taken; give every phase its own")
        end = number(f"{where} ({name}) until", phase["until"], above=begin, most=1)
        most = end - begin if self.ends else 0.0
        transition = number(f"{where} ({name}) transition", phase.get("transition", 0.0), least=0)
        if transition > most + 1e-9:  # .3 - .2 is a little below .1
            mend = "shorten it or move until" if self.ends else "nothing comes before the first phase"
            raise ValueError(f"{where} ({name}) transition must be at most {most:g}, found {transition:g}; {mend}")
        self.names.append(name)
        self.ends.append(end)
        self._transitions.append(transition)
        self._weights.append(per_objective(f"{where} ({name}) weights", phase.get("weights"), self.objectives))
