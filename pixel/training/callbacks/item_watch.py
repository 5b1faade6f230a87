"""Whether items that a model read rightly at its best look are read wrongly now: a sign test, and who uses it."""

from collections.abc import Mapping
from math import comb
from typing import Any

from transformers.trainer_callback import ExportableState

from pixel.monitoring.alerts import Alerts
from pixel.training.callbacks.probing import ProbingCallback
from pixel.training.probe_set import ProbeSet


class PairedRegression:
    """
    Compares a look with the best one so far, item by item.

    Every look reads the same conversations, so the looks are paired: only items that changed sides tell anything. With
    `lost` items right then and wrong now and `won` the other way round, the chance of as many lost among lost + won by
    coin tosses is the p-value (McNemar's exact test, one-sided). Turns of one conversation are not independent, and
    looks are many: the p-value is flattering, hence a low `level`.

    Args:
        level: p-value below which the change is called a regression, in (0, 1).

    Attributes:
        best, best_step: which items were right at the look with the largest share, and when.
        lost, won: of the last comparison.

    Source: McNemar, "Note on the sampling error of the difference between correlated proportions", 1947; the exact
    form is the sign test.

    Example:
        >>> watch, items = PairedRegression(), "abcdefgh"
        >>> watch.turned_worse(1, dict.fromkeys(items, True)), watch.turned_worse(2, dict.fromkeys(items, False))
        (False, True)
    """

    def __init__(self, level: float = 0.01):
        if not 0.0 < level < 1.0:
            raise ValueError(f"level is {level}; it must lie between 0 and 1")
        self.level = level
        self.best: dict[str, bool] = {}
        self.best_step: int | None = None
        self.lost = self.won = 0
        self.worse = False

    @staticmethod
    def p_value(lost: int, won: int) -> float:
        """Chance of at least `lost` heads in `lost + won` tosses; 1 where nothing changed."""
        tosses = lost + won
        return sum(comb(tosses, heads) for heads in range(lost, tosses + 1)) / 2**tosses

    def turned_worse(self, step: int, right: Mapping[str, bool]) -> bool:
        """Take in one look (item -> right or not): true once, and again only after it was back."""
        if not right:
            return False
        if not self.best or _share(right) > _share(self.best):
            self.best, self.best_step = {item: bool(value) for item, value in right.items()}, step
        common = [(self.best[item], right[item]) for item in right if item in self.best]
        self.lost = sum(then and not now for then, now in common)
        self.won = sum(now and not then for then, now in common)
        before, self.worse = self.worse, self.p_value(self.lost, self.won) < self.level
        return self.worse and not before


def _share(right: Mapping[str, bool]) -> float:
    return sum(right.values()) / len(right)


class ItemWatch(ProbingCallback, ExportableState):
    """
    A probing callback that judges single items, and goes on after a checkpoint where it was.

    Args:
        probe, alerts, every: see `ProbingCallback`.
        level: see `PairedRegression`.
    """

    def __init__(self, probe: ProbeSet, alerts: Alerts, every: int = 50, *, level: float = 0.01):
        super().__init__(probe, alerts, every)
        self.items = PairedRegression(level)

    @property
    def memory(self) -> dict[str, Any]:
        """For JSON; setting it goes on from there."""
        names = ("best", "best_step", "lost", "won", "worse")
        return {"items": {name: getattr(self.items, name) for name in names}, "history": self.history}

    @memory.setter
    def memory(self, state: dict[str, Any]) -> None:
        for name, value in state["items"].items():
            setattr(self.items, name, value)
        self.history = list(state["history"])

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps. What the callback is built from is given anew, so `args` is empty."""
        return {"args": {}, "attributes": {"memory": self.memory}}
