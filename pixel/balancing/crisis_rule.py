"""The crisis rule: an objective that gets worse on held-out data is given a higher floor, and a person is told."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import torch
from torch import Tensor

from .checks import distinct_names, known_objectives, number, whole
from .json_state import JsonState


@dataclass(frozen=True)
class Event:
    """
    Something the weights did that a person should know.

    Attributes:
        kind: `objective_crisis` or `objective_recovered`.
        objective: whose.
        message: one line with the numbers.
        values: `loss`, `best`, `floor` and `weight` (the one in use when it was decided).
    """

    kind: str
    objective: str
    message: str
    values: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict:
        """For JSON."""
        return asdict(self)


class CrisisRule(JsonState):
    """
    Raises the floor of an objective whose held-out loss regresses, and lets it down again.

    An objective has regressed at a validation where its loss is above `best + threshold * |best|`. After `patience`
    such validations in a row its floor becomes `factor` times what it weighs, at most `cap`; it rises again after
    every further `patience`. At a validation without a regression the floor falls by `factor`, until it is back at
    the weight the crisis began with and is lifted. Each change is an [`Event`].

    Args:
        objectives (sequence of `str`): the k objectives.
        threshold (`float`): relative regression that counts, > 0.
        patience (`int`): validations in a row that must show it, >= 1.
        factor (`float`): > 1.
        cap (`float`): highest floor, > 0, on the scale of the weights (mean 1).

    Raises:
        ValueError: an option out of its range.
    """

    kept = ("best", "regressed", "floors", "origin")

    def __init__(
        self,
        objectives: Sequence[str],
        threshold: float = 0.1,
        patience: int = 2,
        factor: float = 2.0,
        cap: float = 4.0,
    ):
        self.objectives = distinct_names(objectives)
        self.threshold = number("crisis threshold", threshold, above=0)
        self.patience = whole("crisis patience", patience)
        self.factor = number("crisis factor", factor, above=1)
        self.cap = number("crisis cap", cap, above=0)
        k = len(self.objectives)
        self.best = torch.full((k,), math.nan, dtype=torch.float64)
        self.regressed = torch.zeros(k, dtype=torch.float64)  # validations in a row
        self.floors = torch.zeros(k, dtype=torch.float64)
        self.origin = torch.zeros(k, dtype=torch.float64)  # what it weighed when its crisis began

    def validate(self, losses: Mapping[str, float], weights: Tensor) -> list[Event]:
        """
        Judge one validation.

        Args:
            losses (mapping): held-out loss by objective. One that is left out or NaN was not measured: nothing
                changes for it.
            weights (`Tensor`): `[k]`, in use now.

        Returns:
            `list` of [`Event`]: one for each floor that rose, could not rise any more, or fell.

        Raises:
            ValueError: an unknown objective.
        """
        losses = known_objectives("held-out losses", losses, self.objectives)
        events = []
        for place, name in enumerate(self.objectives):
            loss = float(losses.get(name, math.nan))
            if math.isnan(loss):
                continue
            best = self.best[place].item()
            if math.isfinite(loss) and (math.isnan(best) or loss < best):
                self.best[place] = best = loss
            change = self._judge(place, loss, best, weights[place].item())
            if change is not None:
                kind, told = change
                floor, weight = self.floors[place].item(), weights[place].item()
                values = {"loss": loss, "best": best, "floor": floor, "weight": weight}
                message = f"{name}: held-out loss {loss:.4g}, best {best:.4g}; {told.format(floor=floor)}"
                events.append(Event(kind, name, message, values))
        return events

    def _judge(self, place: int, loss: float, best: float, weight: float) -> tuple[str, str] | None:
        """Move one floor; kind and message, or None where it stays."""
        floor = self.floors[place].item()
        if loss > best + self.threshold * abs(best):
            self.regressed[place] += 1
            if self.regressed[place] < self.patience:
                return None
            self.regressed[place] = 0
            if floor == 0.0:
                self.origin[place] = weight
            raised = min(max(floor, weight) * self.factor, self.cap)
            self.floors[place] = max(floor, raised)
            if raised <= max(floor, weight):
                return "objective_crisis", "its weight is at the cap of {floor:.3g} already: look at its data"
            return "objective_crisis", "its weight is now at least {floor:.3g}"
        self.regressed[place] = 0
        if floor == 0.0:
            return None
        lowered = floor / self.factor
        self.floors[place] = lowered if lowered > self.origin[place] else 0.0
        if self.floors[place] > 0:
            return "objective_recovered", "its floor falls to {floor:.3g}"
        return "objective_recovered", "its floor is lifted"
