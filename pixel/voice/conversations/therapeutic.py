"""What a conversation must not say: crisis, ethics, rules of appropriateness, form; each refusal with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pixel.clinical.ethics import check_ethics
from pixel.clinical.resources import resources_for
from pixel.clinical.safety_guide import SafetyGuide, safety_guide
from pixel.knowledge.quality.structure import structure

GUIDE = "crisis: the safety guide's reply"
ASKED = ("suicide", "self_harm")
"""Kinds of crisis in which one asks directly about suicide."""
_SHORT = "too_short"


@dataclass(frozen=True)
class Checked:
    """
    Attributes:
        messages: what may stand; `None` where the conversation is refused.
        refused: why, or `None`.
        crisis: kind of crisis that the safety guide answers at its end, or `None`.
        notes: what was changed, to be counted.
    """

    messages: list[dict[str, str]] | None
    refused: str | None = None
    crisis: str | None = None
    notes: list[str] = field(default_factory=list)


class TherapeuticGate:
    """
    Lets a conversation pass, or says why not.

    Where the detector flags a user's turn, the voice's own words do not answer it: the safety guide's do, and the
    conversation ends there. A reply that itself speaks of a present crisis, a breach of ethics, a broken rule of
    appropriateness or a fault of form refuses the whole conversation. What the detector cannot read is refused too if
    it is not English or garbled: it cannot be vouched for.

    Args:
        detector: of crises; default: the one that ships with Pixel.
        rules: with `judge(pairs, danger)`; default: the appropriateness rules that ship with Pixel.
        region: country or locale for crisis lines; `None`: those that hold everywhere.
        guide: default: the one that ships with Pixel.

    Raises:
        ValueError: the default detector or rules cannot be loaded: then nothing passes unchecked.
    """

    def __init__(
        self, detector: Any = None, rules: Any = None, region: str | None = None, guide: SafetyGuide | None = None
    ):
        from pixel.clinical.appropriateness.violations import default_detector as default_rules
        from pixel.clinical.monitor import default_detector

        self.detector = detector or default_detector()
        if self.detector is None:
            raise ValueError("no crisis detector is installed. Mend: install Pixel with its weights")
        self.rules, self.region = rules or default_rules(), region
        self.guide = guide or safety_guide()

    def check(self, messages: Sequence[dict[str, str]]) -> Checked:
        """
        Args:
            messages: `{"role", "content"}`, from a user's to an assistant's, de-identified.
        """
        from pixel.clinical.appropriateness.pair_features import Pair

        messages = [dict(one) for one in messages]
        faults = [one.kind for one in structure({"messages": messages}) if one.kind != _SHORT]
        if faults:
            return Checked(None, f"form: {faults[0]}")
        readings = list(self.detector.read([one["content"] for one in messages]))
        flagged = next((n for n, one in enumerate(messages) if one["role"] == "user" and readings[n].flag), None)
        crisis = None
        if flagged is not None:
            crisis = str(readings[flagged].kind)
            messages, readings = messages[: flagged + 1], readings[: flagged + 1]
        for message, reading in zip(messages, readings, strict=True):
            if reading.flag and message["role"] == "assistant":
                return Checked(None, f"crisis in a reply: {reading.kind}")
            foreign = [r for r in reading.reasons if str(r) in ("abstain:other_language", "abstain:garbled")]
            if reading.abstain and not reading.flag and foreign:
                return Checked(None, f"unreadable: {str(foreign[0]).removeprefix('abstain:')}")
        if crisis is not None:
            messages.append({"role": "assistant", "content": self.reply(crisis)})
            readings.append(None)
        broken = check_ethics(messages, readings)
        if broken:
            return Checked(None, f"ethics: {broken[0].rule}")
        own = len(messages) - 2 * (crisis is not None)  # the guide's words are not the voice's to be judged by
        pairs = [Pair(messages[n - 1]["content"], messages[n]["content"]) for n in range(1, own, 2)]
        danger = [float(sum(readings[n - 1].severity[1:])) for n in range(1, own, 2)]
        for verdict in self.rules.judge(pairs, danger) if pairs else ():
            if verdict.violations:
                return Checked(None, f"rule: {verdict.violations[0].rule}")
        return Checked(messages, None, crisis, [f"{GUIDE} ({crisis})"] if crisis is not None else [])

    def reply(self, kind: str) -> str:
        """What the safety guide says to a person in a crisis of this kind: its words, its question, where to turn."""
        crisis = self.guide.kind(kind) or self.guide.kind("suicide")
        asks = [self.guide.inquiry[0].question] if crisis.id in ASKED else []
        lines = resources_for(self.region, crisis.id).words()
        return "\n".join([" ".join([crisis.say, *asks]), lines])
