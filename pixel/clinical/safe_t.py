"""A structured risk formulation: which of SAFE-T's five steps a conversation has taken, and what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pixel.clinical.phrases import written_out
from pixel.clinical.risk_reading import Reading, level_of
from pixel.clinical.safety_guide import ACUTE, Factor, SafetyGuide, safety_guide

PLAN_PARTS = 2
"""Parts of a safety plan, crisis line included, that a plan has at least from rung 2 on."""


@dataclass(frozen=True)
class Formulation:
    """
    What a conversation shows about risk. It orders what was said; the judgement stays a clinician's.

    Attributes:
        level: the highest rung, 0 to 6, over the person's messages.
        acute: `none`, `low`, `moderate` or `high`: the rung's, one higher for two or more strong risk factors.
        risk_factors, protective_factors: id -> where it was found (`turn 3`, `symptom hopelessness`).
        inquiry: question id -> `asked`, `told` or `missing`.
        plan: ids of the safety plan's parts that were spoken of.
        done, missing: step ids, in their order.
        next_questions: what to ask next, most important first.
        reasons: sentences with the ids that they rest on.
    """

    level: int
    acute: str
    risk_factors: Mapping[str, str]
    protective_factors: Mapping[str, str]
    inquiry: Mapping[str, str]
    plan: tuple[str, ...]
    done: tuple[str, ...]
    missing: tuple[str, ...]
    next_questions: tuple[str, ...]
    reasons: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """Ready for JSON; holds none of the conversation's words."""
        return {
            name: dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, tuple) else value
            for name, value in vars(self).items()
        }


def formulate(
    messages: Sequence[Mapping[str, str]],
    readings: Sequence[Reading | None],
    symptoms: Iterable[str] = (),
    *,
    guide: SafetyGuide | None = None,
) -> Formulation:
    """
    Formulate a conversation's risk.

    Args:
        messages: `{"role", "content"}`, in order.
        readings: the detector's, one a message (`None` for those of the helper, or not read).
        symptoms: ids of the knowledge base that are present (`Picture.findings`), for the factors.
        guide: the safety file (default: the one that ships with Pixel).

    Raises:
        ValueError: not one reading a message.

    Source: SAMHSA, "SAFE-T: Suicide Assessment Five-step Evaluation and Triage", 2009 (steps; wording is our own).
    """
    if len(messages) != len(readings):
        raise ValueError(f"{len(readings)} readings for {len(messages)} messages. Mend: give one (or None) a message")
    guide = guide or safety_guide()
    told = {n: written_out(m["content"]) for n, m in enumerate(messages) if m["role"] == "user"}
    said = {n: written_out(m["content"]) for n, m in enumerate(messages) if m["role"] == "assistant"}
    levels = {n: level_of(r) for n, r in enumerate(readings) if r is not None and n in told}
    level = max(levels.values(), default=0)
    judged = any(not r.abstain for n, r in enumerate(readings) if r is not None and n in told)

    present = set(symptoms)
    raising = _factors(guide.risk_factors, told, present)
    protecting = _factors(guide.protective_factors, told, present)
    inquiry = {
        q.id: "asked" if any(q.asked.found(text, ready=True) for text in said.values())
        else "told" if level >= q.told.level or any(q.told.found(text, ready=True) for text in told.values())
        else "missing"
        for q in guide.inquiry
    }  # fmt: skip
    plan = tuple(p.id for p in guide.safety_plan if any(p.said.found(text, ready=True) for text in said.values()))
    strong = [factor.id for factor in guide.risk_factors if factor.strong and factor.id in raising]
    acute = _acute(guide.rung(level).acute, len(strong))

    needed = guide.inquiry if level >= 2 else guide.inquiry[:1]
    steps = {
        "risk_factors": bool(raising),
        "protective_factors": bool(protecting),
        "inquiry": all(inquiry[question.id] != "missing" for question in needed),
        "risk_level": judged,
        "documentation": len(plan) >= (PLAN_PARTS if level >= 2 else 1 if level else 0),
    }
    open_questions = [question.question for question in needed if inquiry[question.id] == "missing"] if level else []
    open_questions += [part.question for part in guide.safety_plan if part.id not in plan] if level >= 2 else []
    reasons = [f"safety/ladder/{guide.rung(level).id}: {guide.rung(level).meaning}"]
    reasons += [
        f"safety/risk_factors/{f.id}: {f.name} ({raising[f.id]})." for f in guide.risk_factors if f.id in raising
    ]
    protect = [f for f in guide.protective_factors if f.id in protecting]
    reasons += [f"safety/protective_factors/{f.id}: {f.name} ({protecting[f.id]})." for f in protect]
    if acute != guide.rung(level).acute:
        reasons.append(f"Raised to {acute}: {len(strong)} strong risk factors.")
    if acute == "high" and protecting:
        reasons.append("Protective factors do not lower a high acute risk.")
    return Formulation(
        level, acute, raising, protecting, inquiry, plan,
        tuple(step.id for step in guide.steps if steps[step.id]),
        tuple(step.id for step in guide.steps if not steps[step.id]),
        tuple(open_questions), tuple(reasons),
    )  # fmt: skip


def _factors(factors: Sequence[Factor], told: Mapping[int, str], symptoms: set[str]) -> dict[str, str]:
    """Id -> where it was found first: a symptom that is present, or a turn of the person."""
    found = {}
    for factor in factors:
        if named := [symptom for symptom in factor.symptoms if symptom in symptoms]:
            found[factor.id] = f"symptom {named[0]}"
            continue
        turn = next((n for n, text in told.items() if factor.cues.found(text, ready=True)), None)
        if turn is not None:
            found[factor.id] = f"turn {turn}"
    return found


def _acute(acute: str, strong: int) -> str:
    """One level higher for two or more strong risk factors, where there is any acute risk to raise."""
    place = ACUTE.index(acute)
    return ACUTE[min(place + 1, len(ACUTE) - 1)] if place and strong >= 2 else acute
