"""When somebody is in danger: ask directly, make a plan for safety, bring in people and emergency help."""

from pixel.knowledge.conversations.clients import answer, plain
from pixel.knowledge.conversations.grammar import bank
from pixel.knowledge.conversations.talk import Talk
from pixel.knowledge.conversations.therapists import reply
from pixel.knowledge.conversations.voices import SELF

HIGH = 4
_WHY = {"guide": "safety", "symptoms": ["suicidal_thoughts"]}


def screen(talk: Talk) -> None:
    """Ask everybody in question straight out; whoever has nothing of the kind says so."""
    if talk.plan.voice.kind != SELF:
        return
    why = {"asks": ["suicidal_thoughts"], "guide": "safety"}
    reply(
        talk, talk.choose("questions.risk_screen"), "closed_question", reason=why, hint="Ask directly about suicide."
    )
    if talk.plan.risk:
        _danger(talk)
        return
    answer(talk, "questions.risk_denied", bank("questions.risk_denied"), labels={"risk": "0"})
    talk.held = talk.choose("questions.risk_thanks")


def _danger(talk: Talk) -> None:
    """The script by level. Below 4 a plan and a doctor; from 4 on somebody comes now, and emergency help."""
    level, high = talk.plan.risk, talk.plan.risk >= HIGH
    talk.shift(0.15)
    crisis = {"persona_context": "crisis"}
    signal = {**crisis, "risk": str(level), "persona_trigger": "crisis_signal"}
    plain(talk, talk.choose(f"risk.disclose.{level}"), "risk", "sad", labels={**signal, "emotion": ["sadness"]})
    safety = {"persona_context": "crisis"}
    reply(talk, talk.choose(f"risk.ask.{level}"), "closed_question", take_up=False, reason=_WHY, labels=safety,
          hint="Thank them, ask directly how close it is.")  # fmt: skip
    answer_risk(talk, f"risk.answer.{level}", {**crisis, "risk": str(level)})
    plan_key = "high_plan" if high else "low_plan"
    reply(talk, talk.choose(f"risk.{plan_key}"), "safety_planning", take_up=False, reason=_WHY, labels=safety,
          hint="Make a plan for safety; emergency help where the danger is near.")  # fmt: skip
    answer_risk(talk, f"risk.{plan_key}_say", {**crisis, "risk": str(level)})
    talk.shift(-0.06)
    third = "say_it" if high else "people"
    does = {"intervention": ["safety_planning", "referral"], **safety}
    reply(talk, talk.choose(f"risk.{third}"), "referral", take_up=False, reason=_WHY, labels=does,
          hint="Bring in a person, a doctor, and emergency services.")  # fmt: skip
    answer_risk(talk, "risk.said_it" if high else "risk.people_say", {**crisis, "risk": str(level)})
    talk.shift(-0.08)
    if high:
        reply(talk, talk.choose("risk.high_close"), "affirmation", take_up=False, reason=_WHY, labels=safety)
        talk.over = True


def answer_risk(talk: Talk, path: str, labels: dict) -> None:
    """An answer within the script: no colouring, no change of subject."""
    one = talk.choose(path)
    ((how, text),) = one.items()
    plain(talk, text, "answer", how, labels=labels)
