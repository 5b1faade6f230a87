"""Crisis watch: does the risk head miss what the crisis detector sees, and which replies would the monitor flag?"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from transformers.trainer_callback import ExportableState

from pixel.clinical.monitor import ClinicalMonitor
from pixel.clinical.risk_reading import kind_of
from pixel.data.schema import ROLES
from pixel.metrics.auc import auc
from pixel.metrics.operating_point import decided
from pixel.models.labels_clinical import RISK_LEVELS
from pixel.monitoring.alerts import Alerts
from pixel.training.callbacks.probing import ProbingCallback
from pixel.training.probe_set import ProbeSet, ReadConversation

SEVERE = RISK_LEVELS.index("4")


class CrisisWatch(ProbingCallback, ExportableState):
    """
    Holds the risk head against the crisis detector on the probe set's user turns.

    Figures, each only where there are turns for it: `missed`, the share of the turns flagged for suicide that the head
    reads below `cut` for rung 1 or more; `missed_high`, the same of those that the detector reads at rung 4 or more,
    for rung 4 or more; `auc`, how well the head's probability of any risk orders flagged before other turns. The
    detector is no truth: it says where two readers differ. `report` has what the monitor's validators find in the
    replies, which are the corpus's and stay the same.

    Alert: `crisis_missed`, when `missed` or `missed_high` rises above its lowest by more than `least`; once, and again
    after a recovery.

    Args:
        probe, alerts, every: see `ProbingCallback`.
        monitor: reads the probe set once.
        tokenizer: to write the turns out.
        cut: probability from which the head counts as seeing a risk.
        least: smallest rise that an alert is about.
        turns: turns that a share needs before it can alert.
    """

    prefix = "crisis"

    def __init__(
        self,
        probe: ProbeSet,
        alerts: Alerts,
        monitor: ClinicalMonitor,
        tokenizer,
        every: int = 50,
        *,
        cut: float = 0.5,
        least: float = 0.1,
        turns: int = 5,
    ):
        super().__init__(probe, alerts, every)
        self.monitor, self.tokenizer, self.cut, self.least, self.turns = monitor, tokenizer, cut, least, turns
        self.best: dict[str, float] = {}
        self.worse: list[str] = []
        self.replies: Counter[str] = Counter()
        self._seen: list[tuple[np.ndarray, np.ndarray]] | None = None

    def judge(self, step: int, conversations: list[ReadConversation]) -> dict[str, float]:
        if self._seen is None:
            self._seen = self._observe()
        any_risk, high, flagged, severe = self._columns(conversations)
        if not len(any_risk):
            return {}
        numbers = {}
        for name, turns, said in (("missed", flagged, any_risk), ("missed_high", severe, high)):
            if turns.any():
                numbers[name] = float((said[turns] < self.cut).mean())
                self._compare(step, name, numbers[name], int(turns.sum()))
        if (order := auc(flagged, any_risk)).value is not None:
            numbers["auc"] = order.value
        return numbers

    def _observe(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each conversation: which turns are flagged for suicide, and which at rung 4 or more (bool `[turns]`)."""
        seen = []
        for row in self.probe.examples:
            messages = self._messages(row["input_ids"], row["turn_spans"], row["turn_roles"])
            readings = self.monitor.readings(messages)
            flagged = [r is not None and r.flag and kind_of(r) == "suicide" for r in readings]
            severe = [flag and bool(getattr(r, "high", False)) for r, flag in zip(readings, flagged, strict=True)]
            seen.append((np.array(flagged, dtype=bool), np.array(severe, dtype=bool)))
            flags = self.monitor.observe(messages).flags
            self.replies["replies"] += sum(message["role"] == "assistant" for message in messages)
            self.replies["flagged_replies"] += len({flag.turn for flag in flags if flag.turn is not None})
            self.replies.update(flag.rule for flag in flags)
        return seen

    def _messages(self, ids: Sequence[int], spans: Sequence, roles: Sequence[int]) -> list[dict[str, str]]:
        texts = [self.tokenizer.decode(ids[first : last + 1], skip_special_tokens=True) for first, last in spans]
        return [{"role": ROLES[role], "content": text} for role, text in zip(roles, texts, strict=True)]

    def _columns(self, conversations: list[ReadConversation]) -> tuple[np.ndarray, ...]:
        """Of all user turns: the head's P(any), P(4 or more), and the detector's two flags."""
        columns = []
        for conversation, (flagged, severe) in zip(conversations, self._seen or (), strict=True):
            if "risk" not in conversation.logits:
                continue
            said = decided("risk", conversation.logits["risk"], None)
            users = np.array([ROLES[role] == "user" for role in conversation.roles], dtype=bool)
            columns.append((said[users, 0], said[users, :SEVERE].min(-1), flagged[users], severe[users]))
        if not columns:
            return tuple(np.empty(0, dtype=kind) for kind in (float, float, bool, bool))
        return tuple(np.concatenate(column) for column in zip(*columns, strict=True))

    def _compare(self, step: int, name: str, value: float, turns: int) -> None:
        best = self.best[name] = min(value, self.best.get(name, value))
        if value <= best + self.least:
            self.worse = [other for other in self.worse if other != name]
        elif turns >= self.turns and name not in self.worse:
            self.worse.append(name)
            self.alert(
                "crisis_missed", "warning", step,
                f"{name} is {value:.2f} of {turns} turns that the crisis detector flags, and was {best:.2f}. Mend: "
                "look at the risk loss since then, raise its weight, or go back to an earlier checkpoint",
                value=value, best=best, turns=turns,
            )  # fmt: skip

    def report(self) -> dict[str, Any]:
        """For the training report: the last figures, what validators found in the replies, the monitor's counts."""
        return {
            "latest": self.history[-1] if self.history else {},
            "replies": dict(self.replies),
            "monitor": self.monitor.summary(),
        }

    @property
    def memory(self) -> dict[str, Any]:
        """For JSON; setting it goes on from there."""
        return {"best": self.best, "worse": self.worse, "history": self.history}

    @memory.setter
    def memory(self, state: dict[str, Any]) -> None:
        self.best, self.worse, self.history = dict(state["best"]), list(state["worse"]), list(state["history"])

    def state(self) -> dict[str, Any]:
        return {"args": {}, "attributes": {"memory": self.memory}}
