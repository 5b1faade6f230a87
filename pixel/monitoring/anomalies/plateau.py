"""The loss has stopped moving."""

from collections.abc import Mapping
from statistics import fmean, variance
from typing import Any

from pixel.monitoring.alerts import Alert
from pixel.monitoring.anomalies.detector import Detector, keep_last, number


class Plateau(Detector):
    r"""
    The mean loss of the last :math:`n` logs is no better than that of the :math:`n` before, noise allowed for.

    .. math:: \frac{\bar L_{old} - \bar L_{new} + s}{\bar L_{old}} < \delta

    where :math:`s` is the standard error of the difference: what noise could still hide counts as progress.

    Args:
        logs: :math:`n`.
        delta: relative improvement below which the loss stands still.

    Example:
        >>> plateau = Plateau(logs=4)
        >>> [a.kind for step in range(9) for a in plateau.update(step, {"loss": 1.0})]
        ['plateau']
    """

    def __init__(self, logs: int = 100, delta: float = 0.005):
        super().__init__()
        if logs < 2:
            raise ValueError(f"logs is {logs}; a plateau needs at least 2")
        self.logs, self.delta, self.calm = logs, delta, logs

    def update(self, step: int, entry: Mapping[str, Any]) -> list[Alert]:
        loss = number(entry, "loss")
        if loss is None:
            return []
        past = self.series("loss")
        past.append(loss)
        keep_last(past, 2 * self.logs)
        if len(past) < 2 * self.logs:
            return []
        old, new = past[: self.logs], past[self.logs :]
        before, now = fmean(old), fmean(new)
        error = ((variance(old) + variance(new)) / self.logs) ** 0.5
        still = before > 0 and (before - now + error) / before < self.delta
        if not self.is_news("loss", still):
            return []
        message = (
            f"the loss has stood still for {2 * self.logs} logs: {before:.4g}, then {now:.4g}. "
            "Stop here, or lower the learning rate"
        )
        return [Alert("plateau", "info", step, message, {"before": before, "now": now})]
