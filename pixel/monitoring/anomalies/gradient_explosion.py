"""The gradient norm leaves its usual size behind."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from pixel.monitoring.alerts import Alert
from pixel.monitoring.anomalies.detector import Detector, keep_last, number


class GradientExplosion(Detector):
    """
    The gradient norm (before clipping) against its running median, and against the largest one lately.

    Gradient norms have heavy tails, so a large one alone is no news: it must be `factor` times the median of the last
    `window` logs and `beyond` times their largest.

    Args:
        window: logs that are remembered.
        warm: logs before it speaks.
        factor: times the median.
        beyond: times the largest.
        severe: times the median from which on it is an error.

    Example:
        >>> norms = GradientExplosion(warm=3)
        >>> quiet = [norms.update(step, {"grad_norm": 1.0}) for step in range(5)]
        >>> [alert.severity for alert in norms.update(5, {"grad_norm": 500.0})]
        ['error']
    """

    def __init__(
        self, window: int = 50, warm: int = 20, factor: float = 30.0, beyond: float = 5.0, severe: float = 100.0
    ):
        super().__init__()
        self.window, self.warm, self.factor, self.beyond, self.severe = window, warm, factor, beyond, severe

    def update(self, step: int, entry: Mapping[str, Any]) -> list[Alert]:
        norm = number(entry, "grad_norm")
        if norm is None:
            return []
        past, alerts = self.series("grad_norm"), []
        if len(past) >= self.warm:
            usual, largest = median(past), max(past)
            bad = usual > 0 and norm > self.factor * usual and norm > self.beyond * largest
            if self.is_news("grad_norm", bad):
                message = (
                    f"the gradient norm is {norm:.3g}, {norm / usual:.0f} times its median. "
                    "Lower the learning rate, or max_grad_norm if clipping does not hold it"
                )
                severity = "error" if norm > self.severe * usual else "warning"
                values = {"grad_norm": norm, "median": usual, "largest": largest}
                alerts.append(Alert("gradient_explosion", severity, step, message, values))
        past.append(norm)
        keep_last(past, self.window)
        return alerts
