"""Genuine beside simulated empathy: told apart or not, how deep, where it is needed, and alike for whom."""

from collections.abc import Mapping

import numpy as np

from pixel.metrics.auc import auc
from pixel.monitoring.alerts import Alerts
from pixel.training.callbacks.empathy_figures import Seen, figures, gaps, joined, mean, pair_figures, see, sides
from pixel.training.callbacks.item_watch import ItemWatch
from pixel.training.callbacks.turn_values import defined
from pixel.training.probe_set import ProbeSet, ReadConversation


class EmpathyContrast(ItemWatch):
    """
    Watches how the heads see empathy in held-out replies. The replies are the corpus's, not the model's own.

    Figures, each only where labels and heads define it: `auc` of the `genuine` read-out, turns people rated at least
    0.5 against the rest; `authenticity`, its mean on the former, and `authenticity_simulated` on the latter; `depth`,
    the mean expected level of emotional reactions plus interpretations on replies, 0 to 4; `contextual_fit`, Spearman
    correlation of that level with the distress read (else 1 - valence) on the user turn before: both are read-outs,
    so it says how they hang together and not that either is right.

    With `pairs` (`pixel.data.contrast`): `pair_auc` and `pair_accuracy`, the share of contexts whose own reply reads
    as more genuine than the other's (ties count half). With `groups`: `gap_authenticity`, `gap_depth`, `gap_fit`, the
    largest less the smallest of these between groups, beside `chance_authenticity`..., the mean gap where the groups
    are dealt anew at random. Small groups differ by chance: read a gap beside its chance.

    Alerts: `empathy_contrast_lost`, where turns that stood on the right side of the other kind's median no longer do
    (see `PairedRegression`); `cultural_gap`, once, where fewer than `level` of the deals have as large a gap.

    Args:
        probe, alerts, every, level: see `ItemWatch`.
        pairs: contrastive conversations, read like the probe set.
        groups: `row_id` -> culture or other group; rows without one are left out of the gaps.
        deals: random groupings, at least 1.
    """

    prefix = "empathy"

    def __init__(
        self,
        probe: ProbeSet,
        alerts: Alerts,
        every: int = 50,
        *,
        level: float = 0.01,
        pairs: ProbeSet | None = None,
        groups: Mapping[str, str] | None = None,
        deals: int = 200,
    ):
        super().__init__(probe, alerts, every, level=level)
        self.pairs, self.groups, self.deals = pairs, dict(groups or {}), deals

    def judge(self, step: int, conversations: list[ReadConversation]) -> dict[str, float]:
        seen = [see(conversation, self.groups.get(conversation.row_id)) for conversation in conversations]
        said, rated = joined([one.said for one in seen]), joined([one.rated for one in seen]).astype(bool)
        numbers = {"auc": auc(rated, said).value, "authenticity_simulated": mean(said[~rated])} | figures(seen)
        if self.items.turned_worse(step, sides(conversations, said, rated)):
            self.alert(
                "empathy_contrast_lost", "warning", step,
                f"genuine and simulated replies are told apart less well than at step {self.items.best_step}: "
                f"{self.items.lost} turns lost, {self.items.won} won. Mend: raise field_weights genuine or "
                "genuine_contrast, or lower the learning rate",
                lost=self.items.lost, won=self.items.won,
            )  # fmt: skip
        if self.pairs is not None:
            numbers |= pair_figures(self.pairs.at(step))
        grouped = [one for one in seen if one.group is not None]
        if len({one.group for one in grouped}) > 1:
            numbers |= self._gaps(step, grouped)
        return defined(numbers)

    def _gaps(self, step: int, seen: list[Seen]) -> dict[str, float]:
        names, draw = [one.group for one in seen], np.random.default_rng(0)
        real, numbers, beaten = gaps(seen, names), {}, []
        dealt = [gaps(seen, list(draw.permutation(names))) for _ in range(self.deals)]
        for name, gap in real.items():
            others = np.array([one[name] for one in dealt if name in one])
            short = name.removeprefix("contextual_")
            numbers |= {f"gap_{short}": gap, f"chance_{short}": mean(others)}
            if len(others) and (1 + (others >= gap).sum()) / (1 + len(others)) < self.items.level:
                beaten.append(f"{short} {gap:.3f}")
        told = any(alert.kind == "cultural_gap" for alert in self.alerts.sent)
        if beaten and not told:
            self.alert(
                "cultural_gap", "warning", step,
                f"groups differ by more than chance in {', '.join(beaten)}. Mend: read the groups' conversations side "
                "by side before believing it; then balance or add data",
                **{name: value for name, value in numbers.items() if name.startswith("gap_")},
            )  # fmt: skip
        return numbers
