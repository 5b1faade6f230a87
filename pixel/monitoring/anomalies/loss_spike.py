"""The loss jumps: far above what the last logs were, by their own spread."""

import math
from collections.abc import Mapping
from statistics import median
from typing import Any

from pixel.monitoring.alerts import Alert
from pixel.monitoring.anomalies.detector import Detector, keep_last, number


class LossSpike(Detector):
    r"""
    Robust z-score of the logarithm of the loss, and a jump that matters.

    .. math:: \frac{\log L_t - m}{\max(1.4826\,\mathrm{MAD},\ s_0)} > z \quad\text{and}\quad \log L_t - m > j

    where :math:`m` and MAD are the median and the median absolute deviation of the last `window` log losses. On the
    logarithm, since losses spread in proportion to their level.

    Args:
        window: logs the median is taken over.
        warm: logs before it speaks.
        z: robust standard deviations above the median.
        jump: least jump of the logarithm; 0.4 is a loss 1.5 times the median.
        floor: least spread :math:`s_0`, for losses that hardly move.

    Example:
        >>> spike = LossSpike(warm=5)
        >>> quiet = [spike.update(step, {"loss": 2.0}) for step in range(10)]
        >>> [alert.kind for alert in spike.update(10, {"loss": 9.0})]
        ['loss_spike']
    """

    def __init__(self, window: int = 50, warm: int = 20, z: float = 8.0, jump: float = 0.4, floor: float = 0.02):
        super().__init__()
        self.window, self.warm, self.z, self.jump, self.floor = window, warm, z, jump, floor

    def update(self, step: int, entry: Mapping[str, Any]) -> list[Alert]:
        loss = number(entry, "loss")
        if loss is None or loss <= 0:
            return []
        past, now = self.series("loss"), math.log(loss)
        alerts = []
        if len(past) >= self.warm:
            middle = median(past)
            spread = max(1.4826 * median(abs(value - middle) for value in past), self.floor)
            rise, z = now - middle, (now - middle) / spread
            if self.is_news("loss", z > self.z and rise > self.jump):
                message = (
                    f"the loss is {loss:.4g}, {math.exp(rise):.1f} times the median of the last {len(past)} logs "
                    f"({z:.0f} robust standard deviations). If it stays: lower the learning rate or look at the data"
                )
                values = {"loss": loss, "median": math.exp(middle), "z": z}
                alerts.append(Alert("loss_spike", "warning", step, message, values))
        past.append(now)
        keep_last(past, self.window)
        return alerts
