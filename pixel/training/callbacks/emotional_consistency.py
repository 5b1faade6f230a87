"""Emotional consistency: states turn by turn, whether their steps are likely, and empathy that breaks off."""

from collections.abc import Mapping

import numpy as np

from pixel.data.schema import ROLES
from pixel.models.labels import EPITOME_MECHANISMS
from pixel.monitoring.alerts import Alerts
from pixel.training.callbacks.emotional_steps import breaks, steps
from pixel.training.callbacks.item_watch import ItemWatch
from pixel.training.callbacks.turn_values import decided_level, defined, distress, item, labels, values
from pixel.training.probe_set import ProbeSet, ReadConversation


class EmotionalConsistency(ItemWatch):
    """
    Watches the emotional state that the heads read, turn by turn, in held-out conversations.

    `states` holds the latest: by conversation and role, valence, arousal and dominance of each turn. Figures, each
    where heads and labels define it:

    - `plausibility_ROLE`: share of a speaker's steps under the limit from `step_limits`, 0.99 where read-outs move as
      labels do. One that hardly moves scores 1, so beside it `movement`: mean step read over mean step labelled, on
      the steps of the probe set that people labelled; 1 is right, below is flat, above is restless.
    - `break_rate`: of replies to a distressed user turn, after a reply of level above 0, the share whose own level is
      0: none of EPITOME's mechanisms. `break_rate_labelled`, the same from labels, is what it should be near.
      `false_break_rate`: the share read as 0 among those that people saw no break in. The replies are the corpus's,
      so this watches how they are read; it says nothing of the model's own replies.

    Alert: `empathy_breaks`, where false breaks rise above those of the look with fewest (see `PairedRegression`). It
    needs labels: without them a head that reads no empathy anywhere would look as if nothing ever broke off.

    Args:
        probe, alerts, every, level: see `ItemWatch`.
        limits: role -> largest likely step (`step_limits` of the training set). A role without one has no
            plausibility.
        distressed: distress (without that head 1 - valence) from which a user turn counts, in [0, 1]; by default the
            middle of the scale.
    """

    prefix = "emotion"

    def __init__(
        self,
        probe: ProbeSet,
        alerts: Alerts,
        every: int = 50,
        *,
        level: float = 0.01,
        limits: Mapping[int, float] | None = None,
        distressed: float = 0.5,
    ):
        super().__init__(probe, alerts, every, level=level)
        self.limits, self.distressed = dict(limits or {}), distressed
        self.states: list[dict[int, np.ndarray]] = []

    def judge(self, step: int, conversations: list[ReadConversation]) -> dict[str, float]:
        numbers = self._movement(conversations)
        read, labelled, held = [], [], {}
        for number, conversation in enumerate(conversations):
            level, felt = decided_level(conversation), distress(conversation)
            if level is not None and felt is not None:
                read += breaks(conversation.roles, level, felt >= self.distressed).values()
            people = np.sum([labels(conversation, name)[:, 0] for name in EPITOME_MECHANISMS], axis=0)
            felt = labels(conversation, "distress")[:, 0]
            found = breaks(conversation.roles, people, felt >= self.distressed)
            labelled += found.values()
            if level is not None:
                whole = [turn for turn, broken in found.items() if not broken]
                held |= {item(number, conversation, turn): bool(level[turn] > 0) for turn in whole}
        lost = [not kept for kept in held.values()]
        for name, found in (("break_rate", read), ("break_rate_labelled", labelled), ("false_break_rate", lost)):
            numbers[name] = float(np.mean(found)) if found else None
        if self.items.turned_worse(step, held):
            self.alert(
                "empathy_breaks", "warning", step,
                f"{self.items.lost} replies to distress are now read as without empathy that at step "
                f"{self.items.best_step} were not ({self.items.won} the other way). Mend: raise objective_weights "
                "empathy, or go back to that step",
                lost=self.items.lost, won=self.items.won, false_break_rate=numbers["false_break_rate"],
            )  # fmt: skip
        return defined(numbers)

    def _movement(self, conversations: list[ReadConversation]) -> dict[str, float | None]:
        self.states, moved, both = [], {}, []
        for conversation in conversations:
            vad = values(conversation, "vad")
            if vad is None:
                continue
            roles = np.asarray(conversation.roles)
            self.states.append({int(role): vad[roles == role] for role in np.unique(roles)})
            people = steps(labels(conversation, "vad"), roles)
            for role, read in steps(vad, roles).items():
                moved.setdefault(role, []).append(read)
                both.append(np.stack([read, people[role]])[:, ~np.isnan(people[role])])
        numbers: dict[str, float | None] = {}
        for role, limit in self.limits.items():
            read = np.concatenate(moved.get(role, [np.empty(0)]))
            numbers[f"plausibility_{ROLES[role]}"] = float((read <= limit).mean()) if len(read) else None
        read, people = np.concatenate(both, axis=1) if both else np.empty((2, 0))
        numbers["movement"] = float(read.mean() / people.mean()) if len(people) and people.mean() > 0 else None
        return numbers
