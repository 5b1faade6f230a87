"""Alerts: what a run tells a person without being asked."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Literal

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Alert:
    """
    One thing a person should know.

    Attributes:
        kind: what happened, one word with underscores: `loss_spike`, `eq_regression`.
        severity: `info` (good to know), `warning` (look at it), `error` (the run is harmed).
        step: optimizer steps done when it happened.
        message: one line: what, where, how much, and the mend. Never text of a conversation.
        values: the numbers behind it.
    """

    kind: str
    severity: Severity
    step: int
    message: str
    values: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict:
        """For JSON."""
        return asdict(self)


class Alerts:
    """
    Hands every alert to all sinks, and keeps them for the report.

    Args:
        sinks: each called with an alert. One that fails is reported once on the console and does not stop the run.

    Example:
        >>> alerts = Alerts()
        >>> alerts.send(Alert("plateau", "info", 10, "the loss has not moved for 5 logs"))
        >>> [alert.kind for alert in alerts.sent]
        ['plateau']
    """

    def __init__(self, sinks: Iterable[Callable[[Alert], None]] = ()):
        self.sinks = list(sinks)
        self.sent: list[Alert] = []
        self._failed: set[int] = set()

    def send(self, alert: Alert) -> None:
        """Keep it and pass it on."""
        self.sent.append(alert)
        for number, sink in enumerate(self.sinks):
            try:
                sink(alert)
            except Exception as error:  # a webhook that is down must never end a training run
                if number not in self._failed:
                    print(f"alerts: {type(sink).__name__} failed and is passed by when it does: {error}", flush=True)
                self._failed.add(number)
