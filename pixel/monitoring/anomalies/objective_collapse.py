"""A dead objective: it has labels and no gradient, its loss stands dead still, or its labels have gone."""

import math
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from pixel.monitoring.alerts import Alert
from pixel.monitoring.anomalies.detector import Detector, component_losses, keep_last, number


class ObjectiveCollapse(Detector):
    r"""
    Three ways in which an objective dies, each told once:

    - *no gradient*: its norm at the fork, divided by its loss weight, is 0 or below `fraction` of its own running
      median, again and again, in logs where it has labels. An objective that a schedule has given the weight 0 is
      not dead.
    - *constant*: a component's loss is the same to the last digit in `constant` logs in a row. One that is
      (nearly) 0 may have been learned by heart, and counts only where all its objective's components are.
    - *no labels*: none of its components is logged any more.

    A rare objective has no label in many steps, and then no gradient. How many misses in a row are too many follows
    from how often it missed before: :math:`n` with :math:`q^n < p`, where :math:`q` is that share
    (:math:`(misses + 1) / (logs + 2)`), and at least `least`.

    Args:
        objectives: objective -> its components.
        fraction: of the running median, below which a gradient norm counts as none.
        constant: equal losses in a row; float32 losses of different batches do not repeat.
        least: misses in a row, whatever the past.
        chance: :math:`p`, the chance of a false alarm each time a row of misses begins.
        window: gradient norms the median is taken over.

    Example:
        >>> collapse = ObjectiveCollapse({"clinical": ["risk"]}, constant=3)
        >>> [alert.message[:36] for step in range(3) for alert in collapse.update(step, {"loss_risk": 0.25})]
        ['clinical: loss_risk has been exactly']
    """

    by_heart = 1e-4  # a loss below this is as good as 0, and in float32 may well repeat
    never = 20  # logs after which an objective that never had a gradient counts as dead

    def __init__(
        self,
        objectives: Mapping[str, Iterable[str]] | None = None,
        fraction: float = 1e-3,
        constant: int = 6,
        least: int = 3,
        chance: float = 1e-7,
        window: int = 50,
    ):
        super().__init__()
        self.objectives = {name: list(components) for name, components in (objectives or {}).items()}
        self.fraction, self.constant, self.least, self.chance = fraction, constant, least, chance
        self.window = window

    def update(self, step: int, entry: Mapping[str, Any]) -> list[Alert]:
        losses = dict(component_losses(entry))
        if not losses and "loss" not in entry:
            return []
        alerts = []
        for objective, components in self.objectives.items():
            present = [name for name in components if f"loss_{name}" in entry]
            alerts += self._labels(step, objective, bool(present))
            if present:
                alerts += self._gradient(step, objective, entry)
            if known := {name: losses[name] for name in present if name in losses}:
                alerts += self._constant(step, objective, known)
        return alerts

    def _labels(self, step: int, objective: str, present: bool) -> list[Alert]:
        missed = self._missed(f"labels/{objective}", not present)
        if missed is None:
            return []
        message = f"{objective} has had no label for {missed} logs, and had before: look at what feeds the run"
        return [Alert("objective_collapse", "warning", step, message, {"logs": float(missed)})]

    def _gradient(self, step: int, objective: str, entry: Mapping[str, Any]) -> list[Alert]:
        norm = number(entry, f"balance_gradient_norm/{objective}")
        weight = entry.get(f"loss_weight/{objective}", 1.0)
        if norm is None or not weight > 0:
            return []
        norm /= weight
        past = self.series(f"norm/{objective}")
        usual = median(past) if past else 0.0
        gone = norm <= self.fraction * usual
        missed = self._missed(f"norm/{objective}", gone, never=self.never)
        if not gone:
            past.append(norm)
            keep_last(past, self.window)
        if missed is None:
            return []
        message = (
            f"{objective} is dead: its gradient norm at the fork has been {norm:.2g} for {missed} logs "
            f"(usually {usual:.2g}) though it has labels. Look at its loss weight and whether its heads are frozen"
        )
        return [Alert("objective_collapse", "error", step, message, {"gradient_norm": norm, "usual": usual})]

    def _constant(self, step: int, objective: str, losses: Mapping[str, float]) -> list[Alert]:
        equal = self.memory.setdefault("constant", {})
        for name, loss in losses.items():
            last, row = equal.get(name, (loss, 0))
            equal[name] = [loss, row + 1 if loss == last else 1]
        stuck = [name for name in losses if equal[name][1] >= self.constant]
        if not all(name in stuck and losses[name] <= self.by_heart for name in losses):
            stuck = [name for name in stuck if losses[name] > self.by_heart]
        if not self.is_news(f"constant/{objective}", bool(stuck)):
            return []
        names = ", ".join(f"loss_{name}" for name in stuck)
        loss, row = equal[stuck[0]]
        message = (
            f"{objective}: {names} {'has' if len(stuck) == 1 else 'have'} been exactly {loss:.6g} for {row} logs. "
            "Nothing more of it is learned: look at its labels, its loss weight and its head"
        )
        return [Alert("objective_collapse", "warning", step, message, {"loss": loss})]

    def _missed(self, key: str, miss: bool, never: int | None = None) -> int | None:
        """How many misses in a row there are, when they have just become too many."""
        row, misses, logs = self.memory.setdefault("missed", {}).get(key, (0, 0, 0))
        if not miss:
            self.memory["missed"][key] = [0, misses + row, logs + row + 1]
            self.is_news(key, False)
            return None
        row += 1
        self.memory["missed"][key] = [row, misses, logs]
        if logs == misses:  # it has never been there
            too_many = never
        else:
            share = (misses + 1) / (logs + 2)
            too_many = max(self.least, math.ceil(math.log(self.chance) / math.log(share)))
        return row if self.is_news(key, too_many is not None and row >= too_many) else None
