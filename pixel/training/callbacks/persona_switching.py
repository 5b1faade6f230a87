"""Persona switching: is the switch seen, how soon does the mode follow, how cleanly, and does it hold in between."""

from dataclasses import dataclass, field

import numpy as np

from pixel.metrics.binary_f1 import binary_f1
from pixel.metrics.macro_f1 import macro_f1
from pixel.models.labels import PERSONA_MODES
from pixel.models.persona_state import PersonaState
from pixel.training.callbacks.item_watch import ItemWatch
from pixel.training.callbacks.turn_values import ASSISTANT, USER, defined, item, labels, values
from pixel.training.probe_set import ReadConversation


@dataclass
class Followed:
    """
    What was seen along some conversations.

    Attributes:
        wanted, said: labelled and likeliest mode on turns labelled as a switch.
        items: those turns' names.
        delays: user turns from a switch until the state is in its mode; `None` where it never is before the next one.
        kept: for each pair of user turns with a label of no switch between them: whether the state stayed.
        straight: for each switch with a turn on either side: 1 less half of what the modes go back on.
        marked, read: on turns where people said whether there is a switch: that, and the read-out.
        fitting: mode -> `appropriateness` read on replies in it.
    """

    wanted: list[int] = field(default_factory=list)
    said: list[int] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    delays: list[int | None] = field(default_factory=list)
    kept: list[bool] = field(default_factory=list)
    straight: list[float] = field(default_factory=list)
    marked: list[bool] = field(default_factory=list)
    read: list[bool] = field(default_factory=list)
    fitting: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in PERSONA_MODES})

    def follow(self, number: int, conversation: ReadConversation) -> None:
        """Take in one conversation whose modes are read."""
        modes = values(conversation, "persona_mode")
        if modes is None:
            return
        roles, switch = np.asarray(conversation.roles), values(conversation, "persona_switch")
        people, marks = labels(conversation, "persona_mode")[:, 0], labels(conversation, "persona_switch")[:, 0]
        certainty = switch[:, 0] if switch is not None else np.zeros(len(roles))
        switches = np.flatnonzero((marks >= 0.5) & (np.arange(len(roles)) > 0))  # the first turn has nothing to leave
        if switch is not None:
            known = ~np.isnan(marks)
            self.marked += (marks[known] >= 0.5).tolist()
            self.read += (certainty[known] >= 0.5).tolist()
        users, state = np.flatnonzero(roles == USER), self._states(modes, certainty, people, roles)
        for turn in switches:
            if not np.isnan(people[turn]):
                self.items.append(item(number, conversation, turn))
                self.wanted.append(int(people[turn]))
                self.said.append(int(modes[turn].argmax()))
                until = min((other for other in switches if other > turn), default=len(roles))
                after = [state[user] for user in users if turn <= user < until]
                target = PERSONA_MODES[int(people[turn])]
                self.delays.append(after.index(target) if target in after else None)
            if turn + 1 < len(roles) and turn + 1 not in switches:
                there, back = np.diff(modes[turn - 1 : turn + 2], axis=0)
                self.straight.append(1.0 - np.maximum(0.0, -there * back).sum() / 2)
        pairs = zip(users, users[1:], strict=False)
        self.kept += [state[first] == state[second] for first, second in pairs if marks[second] < 0.5]
        self._replies(conversation, people, roles, state)

    @staticmethod
    def _states(modes, certainty, people, roles) -> dict[int, str]:
        """The mode with hysteresis after each user turn, from the first labelled (else likeliest) mode on."""
        users = np.flatnonzero(roles == USER)
        if not len(users):
            return {}
        first = people[users[0]]
        state = PersonaState(mode=PERSONA_MODES[int(modes[users[0]].argmax() if np.isnan(first) else first)])
        return {
            int(turn): state.update(
                dict(zip(PERSONA_MODES, modes[turn].tolist(), strict=True)), float(certainty[turn])
            )
            for turn in users
        }

    def _replies(self, conversation, people, roles, state) -> None:
        fit = values(conversation, "appropriateness")
        for turn in np.flatnonzero(roles == ASSISTANT) if fit is not None else ():
            mode = PERSONA_MODES[int(people[turn])] if not np.isnan(people[turn]) else state.get(turn - 1)
            if mode is not None:
                self.fitting[mode].append(float(fit[turn, 0]))


class PersonaSwitching(ItemWatch):
    """
    Watches the persona heads on held-out conversations, above all at labelled switches.

    Figures, each where heads and labels define it: `switch_f1` of the `persona_switch` read-out (at 0.5) on turns
    where people said; `mode_accuracy` and `mode_f1` (macro) of the likeliest mode on the switch turn itself; `delay`,
    the mean number of user turns until `PersonaState`, fed as in conversation, is in the new mode (0: at once), and
    `missed`, the share of switches where it never is before the next; `smoothness`, 1 where the modes go straight
    from the turn before to the turn after, 0 where they go all the way there and back (see
    `pixel.objectives.smooth_transition`); `consistency`, the share of user turns labelled as no switch on which the
    state stays; and `appropriateness_MODE`, the mean `appropriateness` **read** on the probe set's replies by their
    labelled mode (else the state's). These replies are people's or a corpus's, read by the heads: it is no quality of
    what the model would say in that mode.

    Alert: `persona_switching_regression`, where the right mode is lost at switch turns (see `PairedRegression`).

    Args:
        probe, alerts, every, level: see `ItemWatch`.
    """

    prefix = "persona"

    def judge(self, step: int, conversations: list[ReadConversation]) -> dict[str, float]:
        seen = Followed()
        for number, conversation in enumerate(conversations):
            seen.follow(number, conversation)
        right = [wanted == said for wanted, said in zip(seen.wanted, seen.said, strict=True)]
        numbers = {
            "switch_f1": binary_f1(seen.marked, seen.read).value,
            "mode_accuracy": _mean(right),
            "mode_f1": macro_f1(seen.wanted, seen.said).value,
            "delay": _mean([delay for delay in seen.delays if delay is not None]),
            "missed": _mean([delay is None for delay in seen.delays]),
            "smoothness": _mean(seen.straight),
            "consistency": _mean(seen.kept),
        } | {f"appropriateness_{mode}": _mean(found) for mode, found in seen.fitting.items()}
        if self.items.turned_worse(step, dict(zip(seen.items, right, strict=True))):
            self.alert(
                "persona_switching_regression", "warning", step,
                f"{self.items.lost} labelled switches are now read in the wrong mode that at step "
                f"{self.items.best_step} were right ({self.items.won} the other way). Mend: raise objective_weights "
                "persona, lower field_weights persona_smoothness and persona_consistency, or go back to that step",
                lost=self.items.lost, won=self.items.won, mode_accuracy=numbers["mode_accuracy"],
            )  # fmt: skip
        return defined(numbers)


def _mean(found: list) -> float | None:
    return float(np.mean(found)) if found else None
