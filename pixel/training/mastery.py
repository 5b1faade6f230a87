"""Whether held-out losses still get better, have stopped to, or have got worse."""

import math
from collections.abc import Mapping
from typing import Any, Literal

Verdict = Literal["learning", "mastered", "regressed"]


class Mastery:
    """
    Judges validations one after the other against the best loss of each name.

    The gain of a validation is the mean over names of `(best - now) / |best|`. It has mastered what it is shown after
    `patience` validations in a row with a gain below `delta`; it has regressed at a gain below `-regression`, and the
    losses of that validation are then the new best to be measured by.

    Args:
        delta: least relative gain that counts as learning.
        patience: validations without one.
        regression: relative loss of ground, on average.
    """

    def __init__(self, delta: float = 0.01, patience: int = 2, regression: float = 0.1):
        if delta < 0 or regression <= 0 or patience < 1:
            raise ValueError(
                f"curriculum: delta is {delta}, regression {regression}, patience {patience}; "
                "they must be at least 0, above 0, and at least 1"
            )
        self.delta, self.patience, self.regression = delta, patience, regression
        self.best: dict[str, float] = {}
        self.stale = 0
        self.gain: float | None = None

    def judge(self, losses: Mapping[str, float]) -> Verdict:
        """Take in one validation; non-finite losses are passed by."""
        losses = {name: float(value) for name, value in losses.items() if math.isfinite(value)}
        gains = [(self.best[n] - x) / max(abs(self.best[n]), 1e-12) for n, x in losses.items() if n in self.best]
        self.gain = sum(gains) / len(gains) if gains else None
        if self.gain is not None and self.gain < -self.regression:
            self.best |= losses
            self.stale = 0
            return "regressed"
        if self.gain is not None:
            self.stale = self.stale + 1 if self.gain < self.delta else 0
        self.best |= {name: min(x, self.best.get(name, math.inf)) for name, x in losses.items()}
        return "mastered" if self.stale >= self.patience else "learning"

    def state_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {"best": dict(self.best), "stale": self.stale, "gain": self.gain}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from `state_dict`."""
        self.best, self.stale, self.gain = dict(state["best"]), state["stale"], state["gain"]
