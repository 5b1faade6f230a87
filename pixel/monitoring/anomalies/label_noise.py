"""One objective's loss rises and stays up while the others go on: its labels have most likely changed."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from statistics import NormalDist, fmean, median
from typing import Any

from pixel.monitoring.alerts import Alert
from pixel.monitoring.anomalies.detector import Detector, component_losses, keep_last


class LabelNoise(Detector):
    r"""
    A CUSUM of normal scores for every loss component.

    .. math:: S_t = \max(0,\ S_{t-1} + z_t - k), \qquad z_t = \Phi^{-1}\!\Big(\frac{r_t + 1/2}{n + 1}\Big)

    where :math:`r_t` is the rank of the new loss among the :math:`n` reference values. Ranks make the false-alarm rate
    the same whatever the losses' distribution; one outlier cannot set it off, since its score is bounded. A value
    joins the reference once the sum is back at 0, so that a new level does not become the standard it is judged by.

    A rise must also matter: the median since the sum left 0 is above the reference's by `rise` of it, and by `share`
    of where the component began (a component learned by heart may move tenfold near 0).

    Where at least half of the other objectives rise too, the kind is `loss_shift`: that is not labels.

    Args:
        objectives: objective -> its components; each component stands for itself where none is given.
        window: reference values.
        warm: reference values before it speaks.
        slack: :math:`k`, in standard deviations.
        threshold: :math:`S` at which it speaks. With independent values and the defaults, a component gives a false
            alarm about once in 800 000 logs (Siegmund's approximation).
        rise: least relative rise.
        share: least rise as a share of the component's first level.

    Source: Page, Biometrika 1954 (CUSUM); normal scores as in rank-based control charts, e.g. Qiu, 2014.
    """

    first = 10  # logs that make up the first level

    def __init__(
        self,
        objectives: Mapping[str, Iterable[str]] | None = None,
        window: int = 40,
        warm: int = 30,
        slack: float = 0.75,
        threshold: float = 8.0,
        rise: float = 0.1,
        share: float = 0.1,
    ):
        super().__init__()
        self.objective_of = {name: objective for objective, names in (objectives or {}).items() for name in names}
        self.window, self.warm, self.slack, self.threshold = window, warm, slack, threshold
        self.rise, self.share = rise, share

    def update(self, step: int, entry: Mapping[str, Any]) -> list[Alert]:
        risen = [(name, *found) for name, loss in component_losses(entry) if (found := self._take(name, loss))]
        tracks = self.memory.get("tracks", {})
        names = {self.objective_of.get(name, name) for name in tracks}
        alerts, told = [], set()
        for name, before, now in risen:
            own = self.objective_of.get(name, name)
            told |= {"all", own}
            up = {self.objective_of.get(other, other) for other in tracks if self._is_up(tracks[other])}
            others = names - {own}
            if others and len(up & others) >= max(2, len(others) / 2):
                if self.is_news("all", True):
                    many = sorted(up | {own})
                    message = f"the losses of {', '.join(many)} have risen and stay up"
                    alerts.append(Alert("loss_shift", "warning", step, message, {"objectives": float(len(many))}))
                continue
            if not self.is_news(own, True):
                continue
            message = (
                f"loss_{name} of {own} has risen from {before:.4g} to {now:.4g} and stays up while most others do "
                "not: its labels have changed or are noise from here on, or it is being forgotten"
            )
            alerts.append(Alert("label_noise", "warning", step, message, {"before": before, "now": now}))
        for key in ("all", *names):
            if key not in told:
                self.is_news(key, False)
        return alerts

    def _is_up(self, track: dict[str, Any]) -> bool:
        """Whether a component is on its way up, or has been told to be a short while ago."""
        return track["sum"] > self.threshold / 2 or track["since"] <= self.calm

    def _take(self, name: str, loss: float) -> tuple[float, float] | None:
        """The medians before and after, where the component has risen for good."""
        fresh = {"sum": 0.0, "reference": [], "pending": [], "first": [], "since": self.calm + 1}
        track = self.memory.setdefault("tracks", {}).setdefault(name, fresh)
        reference, pending = track["reference"], track["pending"]
        track["since"] += 1
        if len(track["first"]) < self.first:
            track["first"].append(loss)
        if len(reference) < self.warm:
            reference.append(loss)
            return None
        track["sum"] = max(0.0, track["sum"] + _normal_score(loss, reference) - self.slack)
        pending.append(loss)
        found = None
        if track["sum"] > self.threshold:
            before, now = median(reference), median(pending)
            if now - before > max(self.rise * abs(before), self.share * fmean(track["first"])):
                found = before, now
                track["since"] = 0
            track["reference"] = list(pending) if found else reference + pending  # the new level, learned anew
            track["sum"], track["pending"] = 0.0, []
        elif track["sum"] == 0.0 or len(pending) > self.window:
            reference += pending
            track["pending"] = []
        keep_last(track["reference"], self.window)
        return found


def _normal_score(value: float, reference: list[float]) -> float:
    ordered = sorted(reference)
    rank = (bisect_left(ordered, value) + bisect_right(ordered, value)) / 2  # ties count half
    return NormalDist().inv_cdf((rank + 0.5) / (len(ordered) + 1))
