"""NaN or infinity in a loss, a component or a gradient norm."""

import math
from collections.abc import Mapping
from typing import Any

from pixel.monitoring.alerts import Alert
from pixel.monitoring.anomalies.detector import Detector

WATCHED = ("loss", "grad_norm", "learning_rate")


class NotFinite(Detector):
    """
    Names every logged loss, norm or rate that is not a number.

    Transformers hides a NaN loss behind the mean of earlier ones unless `logging_nan_inf_filter=False`; components
    and the gradient norm are seen either way.

    Example:
        >>> [alert.message.split(" not")[0] for alert in NotFinite().update(3, {"loss": 1.0, "loss_risk": math.nan})]
        ['loss_risk is']
    """

    def update(self, step: int, entry: Mapping[str, Any]) -> list[Alert]:
        bad = [
            key
            for key, value in entry.items()
            if (key in WATCHED or key.startswith(("loss_", "balance_gradient_norm/", "loss_weight/")))
            and isinstance(value, float)
            and not math.isfinite(value)
        ]
        bad.sort(key=lambda key: (not key.startswith("loss_"), key))  # components say where it came from
        if not self.is_news("finite", bool(bad)):
            return []
        names = ", ".join(bad[:6]) + (f" and {len(bad) - 6} more" if len(bad) > 6 else "")
        message = (
            f"{names} {'is' if len(bad) == 1 else 'are'} not finite. The weights are most likely lost: go back to the "
            "last checkpoint, lower the learning rate, and look at the labels of what is named"
        )
        return [Alert("not_finite", "error", step, message, {"count": float(len(bad))})]
