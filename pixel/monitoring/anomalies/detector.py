"""What all detectors share: a stream of log entries in, alerts out, a state that is text."""

import copy
import math
from collections.abc import Iterator, Mapping
from typing import Any

from pixel.monitoring.alerts import Alert


class Detector:
    """
    Watches the log of a run for one thing that goes wrong.

    A detector is a function of the entries it has seen and nothing else: no clock, no randomness, no training code.
    All it remembers is in `memory`, which JSON can hold, so that a resumed run goes on where it was cut.

    One trouble is told once: after an alert, the same key is silent until it has been well for `calm` logs.
    """

    calm = 10

    def __init__(self):
        self.memory: dict[str, Any] = {}

    def update(self, step: int, entry: Mapping[str, Any]) -> list[Alert]:
        """
        Take in one log entry.

        Args:
            step: optimizer steps done.
            entry: what was logged: `loss`, `loss_FIELD`, `grad_norm`, `learning_rate`, `balance_gradient_norm/NAME`,
                `loss_weight/NAME`. A missing key is passed over.

        Returns:
            what is new and wrong, mostly nothing.
        """
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """The memory, copied."""
        return copy.deepcopy(self.memory)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from `state_dict`."""
        self.memory = copy.deepcopy(dict(state))

    def series(self, key: str) -> list[float]:
        """The values remembered under a key: a list to append to."""
        return self.memory.setdefault("series", {}).setdefault(key, [])

    def is_news(self, key: str, bad: bool) -> bool:
        """Whether a trouble is there and was not before; to be asked once a log for each key."""
        well = self.memory.setdefault("well", {})
        if bad:
            new = key not in well
            well[key] = 0
            return new
        if key in well:
            well[key] += 1
            if well[key] >= self.calm:
                del well[key]
        return False


def number(entry: Mapping[str, Any], key: str) -> float | None:
    """A finite number of a log entry, or `None`."""
    value = entry.get(key)
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def component_losses(entry: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Name and finite value of each `loss_NAME` (`loss_weight...` is what it is multiplied by, and none)."""
    for key in entry:
        if key.startswith("loss_") and not key.startswith("loss_weight") and (value := number(entry, key)) is not None:
            yield key.removeprefix("loss_"), value


def keep_last(values: list[float], count: int) -> None:
    """Forget the oldest values beyond `count`, in place."""
    del values[:-count]
