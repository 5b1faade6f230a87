"""A learning rate that no schedule would set."""

from collections.abc import Mapping
from typing import Any

from pixel.monitoring.alerts import Alert
from pixel.monitoring.anomalies.detector import Detector, number


class LearningRateJump(Detector):
    """
    A learning rate above the schedule's peak, or suddenly far above all that came before.

    Watches `learning_rate` (what the schedule says) and `applied_learning_rate/GROUP` (what the optimizer used, where
    the caller adds it). Falling rates are never news: schedules and plateau rules lower them.

    Args:
        above: times the peak; the peak of a key is learned from `peaks`.
        factor: times the largest rate so far, where no peak is known.
        warm: positive rates seen before `factor` speaks (a warm-up doubles at first).
        peaks: key -> the schedule's largest rate. May be set later (`detector.peaks`), and is not part of the state.

    Example:
        >>> rates = LearningRateJump(peaks={"learning_rate": 1e-3})
        >>> [alert.kind for alert in rates.update(1, {"learning_rate": 0.1})]
        ['learning_rate_jump']
    """

    def __init__(
        self, above: float = 1.5, factor: float = 4.0, warm: int = 3, peaks: Mapping[str, float] | None = None
    ):
        super().__init__()
        self.above, self.factor, self.warm = above, factor, warm
        self.peaks = dict(peaks or {})

    def update(self, step: int, entry: Mapping[str, Any]) -> list[Alert]:
        seen = self.memory.setdefault("seen", {})
        worst: tuple[float, str, float, str] | None = None
        for key in entry:
            rate = number(entry, key) if key.startswith(("learning_rate", "applied_learning_rate/")) else None
            if rate is None or rate <= 0:
                continue
            count, largest = seen.get(key, (0, 0.0))
            if peak := self.peaks.get(key, 0.0):
                ratio, against, bad = rate / peak, "the schedule's peak", rate > self.above * peak
            else:
                bad = count >= self.warm and rate > self.factor * largest
                ratio, against = rate / largest if largest else 1.0, "the largest before"
            if self.is_news(key, bad) and (worst is None or ratio > worst[0]):
                worst = (ratio, key, rate, against)
            seen[key] = [count + 1, max(largest, rate)]
        if worst is None:
            return []
        ratio, key, rate, against = worst
        message = f"{key} is {rate:.3g}, {ratio:.1f} times {against}. Something besides the schedule sets it"
        return [Alert("learning_rate_jump", "error", step, message, {"learning_rate": rate, "ratio": ratio})]
