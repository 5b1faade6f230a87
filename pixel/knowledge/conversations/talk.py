"""One conversation in the making: what has been said, by whom and why, and what both sides know by now."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pixel.knowledge.conversations.fitting import fits
from pixel.knowledge.conversations.grammar import Chooser, bank, template_id
from pixel.knowledge.conversations.scenarios import Scenario
from pixel.knowledge.conversations.voices import SELF, pronouns, sayings
from pixel.knowledge.conversations.wording import contracted, fill, join, slots, span
from pixel.knowledge.loading import Knowledge

START = {"mild": 0.45, "moderate": 0.62, "severe": 0.78}
_CHILD = {"he": "son", "she": "daughter"}
_ELDER = {"he": "father", "she": "mother"}


@dataclass
class Turn:
    """
    What one side says, with its labels (by field name), its reasons (ids of the knowledge base), the templates it
    came from and, for a model that writes in its place, a hint of what it should do.
    """

    role: str
    text: str
    labels: dict[str, Any] = field(default_factory=dict)
    reason: dict[str, Any] = field(default_factory=dict)
    templates: list[str] = field(default_factory=list)
    hint: str = ""


class Talk:
    """
    The state of a session.

    Attributes:
        turns: so far.
        values: what the slots stand for; a slot is open until the client has told it.
        told: symptoms told so far.
        last: what the client's last turn was: `kind` (`disclosure`, `answer`, ...), `manner`, `symptoms`, `text`.
        distress: in [0, 1], falls or rises with what happens.
        goal: `unknown`, `stated`, `agreed`, `worked_on`, `reviewed`.
        phase: id of the modality's phase.
    """

    def __init__(self, base: Knowledge, plan: Scenario, rng: random.Random, weights: Mapping[str, float]):
        self.base, self.plan, self.rng = base, plan, rng
        has = plan.person.has
        self.chooser = Chooser(rng, weights, lambda text: fits(text, has))
        self.choose, self.maybe = self.chooser.choose, self.chooser.maybe
        self.turns: list[Turn] = []
        self.told: list[str] = []
        self.held: str | None = None  # what the therapist's next turn begins with
        self.flags: set[str] = set()
        self.noted_safety: set[str] = set()
        self.over = False
        self.quoted = ""  # the last thing told that may be given back word for word
        self.said: set[str] = set()
        self.last: dict[str, Any] = {"kind": "opening", "manner": "plain", "symptoms": [], "text": ""}
        self.shape = ""
        self.distress = min(0.95, START[plan.severity] + rng.uniform(-0.05, 0.05))
        self.goal, self.phase = "unknown", "opening"
        words = bank(f"circumstances.domains.{plan.domain}")
        self.goal_words, self.event, self.situation = rng.choice(words["goal"]), None, None
        self.values: dict[str, str] = {
            "concern": rng.choice(words["concern"]),
            "feeling": rng.choice(words["feeling"]),
            "strength": rng.choice(bank("people.strengths")),
            "span": span(plan.days),
            **pronouns(plan.voice.pronoun),
        }
        kin = _CHILD if plan.voice.kind.startswith("carer") else _ELDER
        if plan.voice.kind != SELF:
            self.values["child"] = kin[plan.voice.pronoun]

    # ── saying ──

    def say(
        self, role: str, *parts: str | None, labels: dict | None = None, reason: dict | None = None, hint: str = ""
    ):
        """Add a turn. Slots are filled; the templates chosen since the last turn are noted with it."""
        text = contracted(fill(join(*parts), self.values)) if role == "assistant" else fill(join(*parts), self.values)
        while text in self.said and role == "assistant":  # a frame can repeat itself by its slots
            text = join(self.choose("reflections.bridge"), text)
        self.said.add(text)
        used = self.chooser.used[self.noted :]
        self.noted = len(self.chooser.used)
        self.turns.append(Turn(role, text, labels or {}, {"phase": self.phase, **(reason or {})}, used, hint))

    noted = 0

    def can_say(self, text: str) -> bool:
        """Whether every slot is known by now, and the sentence is true of the person."""
        return slots(text) <= {name for name, value in self.values.items() if value} and self.chooser.fits(text)

    # ── knowing ──

    def clauses(self, symptom: str) -> list[str]:
        """How a listener may give a symptom back, in the second person or about the one cared for."""
        entry = bank("symptom_clauses").get(symptom, {})
        return list(entry.get("you" if self.plan.voice.kind == SELF else "they", ()))

    def clause(self, symptom: str, again: bool = False) -> str | None:
        """One of them that has not been used (or, with `again`, one that has), or `None`."""
        path, options = f"symptom_clauses.{symptom}", self.clauses(symptom)
        if not again:
            options = [one for one in options if template_id(path, one) not in self.chooser.used]
        text = self.maybe(1.0, path, options) if options else None
        return fill(text, self.values) if text else None

    def phrasing(self, symptom: str) -> str | None:
        """One of the person's ways to tell a symptom that has not been used, or `None`."""
        options = sayings(self.base.symptoms[symptom], self.plan.voice, self.plan.person.has)
        options = [text for text in options if text not in self.said]
        if not options:
            return None
        text = self.choose(f"symptoms.{symptom}", options)
        self.said.add(text)
        return text

    def untold(self) -> list[str]:
        """Symptoms that are still to be told."""
        return [id for id in self.plan.symptoms if id not in self.told]

    def shift(self, amount: float) -> None:
        """Move the distress, within [0.05, 0.98]."""
        self.distress = min(0.98, max(0.05, self.distress + amount))
