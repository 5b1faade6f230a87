"""What the therapist says: something that takes up the client's last words, a move, both, or little."""

from typing import Any

from pixel.knowledge.conversations.grammar import bank
from pixel.knowledge.conversations.talk import Talk
from pixel.knowledge.conversations.voices import SELF
from pixel.knowledge.conversations.wording import capital, fill, quotable, small

LEVELS = {  # EPITOME levels that a way of responding shows: emotional reaction, interpretation
    "frames": (0, 1), "deep": (1, 2), "double": (0, 2), "echo": (0, 1), "validate": (2, 1), "normalise": (1, 0),
    "manner": (2, 1), "affirm": (1, 1), "short": (1, 0), "attachment": (1, 2), "defence": (1, 2), "": (0, 0),
}  # fmt: skip
DOES = {
    "frames": "simple_reflection", "deep": "complex_reflection", "double": "complex_reflection",
    "echo": "simple_reflection", "validate": "validation", "normalise": "normalising", "manner": "simple_reflection",
    "affirm": "affirmation", "attachment": "validation", "defence": "complex_reflection",
}  # fmt: skip
AFFIRMED = {"insight", "shame", "fear", "torn", "sad", "hope"}
STAGES = {0: "absent", 1: "recognition", 2: "resonance"}


def reply(
    talk: Talk,
    move: str | None = None,
    does: str | None = None,
    *,
    take_up: bool = True,
    shapes: tuple[str, ...] | None = None,
    reason: dict[str, Any] | None = None,
    labels: dict[str, Any] | None = None,
    hint: str = "",
) -> None:
    """
    One therapist turn.

    Args:
        talk: the session.
        move: a question or a line of the technique; without one the turn only responds.
        does: its intervention; by default what it looks like (a question, or nothing).
        take_up: whether to respond to the client's last turn first.
        shapes: ways of responding to choose from; by default what suits the client's last turn.
        reason, labels: further rationale and labels.
        hint: for a model that writes in the grammar's place.
    """
    talk.held = talk.held or _safety_note(talk)
    if talk.held:
        shape, response, symptoms, talk.held = "validate", talk.held, [], None
    else:
        shape, response, symptoms = respond(talk, shapes, must=move is None) if take_up else ("", None, [])
    interventions = [DOES[shape]] if shape in DOES and response else []
    if response and response.rstrip().endswith("?") and move and move.rstrip().endswith("?"):
        move = None if shape in ("attachment", "defence") else move
    if move:
        does = does or ("open_question" if move.rstrip().endswith("?") else None)
        interventions += [does] if does and does not in interventions else []
    asked = any(part and part.rstrip().endswith("?") for part in (response, move))
    if asked and not move and "open_question" not in interventions:
        interventions.append("open_question")
    feels, reads = LEVELS[shape if response else ""]
    given = {
        "persona_mode": "therapy",
        "intervention": interventions,
        "appropriateness": 0.92,
        "safety": [],
        "emotional_reactions": 2 if does == "validation" else feels,
        "interpretations": reads,
        "explorations": 2 if asked and does != "closed_question" else 1 if asked else 0,
        "empathy_stage": "collaboration"
        if asked and reads
        else "understanding"
        if reads == 2
        else STAGES[max(feels, reads)],
        **(labels or {}),
    }
    why = {
        "symptoms": symptoms,
        "criteria": [c for s in symptoms for c in talk.plan.criteria.get(s, ())],
        **(reason or {}),
    }
    talk.shift(-0.012 if response else 0.0)
    talk.say("assistant", response, move, labels=given, reason={k: v for k, v in why.items() if v}, hint=hint)
    talk.shape = shape


def _safety_note(talk: Talk) -> str | None:
    """What has to be said once where a symptom can be dangerous to the body or to others."""
    for symptom in talk.last["symptoms"]:
        notes = bank("risk.safety_notes")
        symptom = f"{symptom}_{talk.plan.person.band}" if f"{symptom}_{talk.plan.person.band}" in notes else symptom
        note = notes.get(symptom)
        if (
            note
            and symptom not in talk.noted_safety
            and ("only_for" not in note or set(note["only_for"]) & talk.plan.person.has)
        ):
            talk.noted_safety.add(symptom)
            return fill(talk.choose(f"risk.safety_notes.{symptom}", note["say"]), talk.values)
    return None


def respond(
    talk: Talk, shapes: tuple[str, ...] | None = None, must: bool = False
) -> tuple[str, str | None, list[str]]:
    """
    Something that takes up the client's last turn.

    Returns:
        its shape, its text (`None`: this time nothing), the symptoms it gives back.
    """
    last, symptoms = talk.last, talk.last["symptoms"]
    options = dict.fromkeys(shapes, 1.0) if shapes else _usual(talk, must)
    if not shapes and talk.shape in options and len(options) > 1:
        options[talk.shape] *= 0.25  # not twice the same
    names = list(options)
    while names:
        shape = talk.rng.choices(names, [options[name] for name in names])[0]
        text, about = _of(talk, shape, symptoms, last)
        if text or (shape == "" and not must):
            return shape, text, about
        names.remove(shape)
    return "short", talk.choose("reflections.short"), []


def _usual(talk: Talk, must: bool) -> dict[str, float]:
    last = talk.last
    if "attachment" in last and last["attachment"] != "secure":
        return {"attachment": 3.0, "manner": 1.0}
    if "defence" in last:
        return {"defence": 3.0, "echo": 1.0}
    if last["kind"] == "disclosure":
        options = {"frames": 3.0, "deep": 1.6, "echo": 1.6, "validate": 1.1, "normalise": 0.3, "short": 0.4}
        options["double"] = 2.0 if len(last["symptoms"]) > 1 else 0.0
        return options | ({} if must else {"": 1.0})
    if last["kind"] == "answer":
        return {"manner": 3.0, "echo": 0.9, "affirm": 0.5 if last["manner"] in AFFIRMED else 0.0} | (
            {} if must else {"": 2.2}
        )
    return {"manner": 1.0, "": 0.0 if must else 2.0}


def _of(talk: Talk, shape: str, symptoms: list[str], last: dict[str, Any]) -> tuple[str | None, list[str]]:
    """Text of a shape and the symptoms it takes up; `None` where there is nothing to make it from."""
    if shape in ("frames", "deep"):
        clause = talk.clause(symptoms[-1]) if symptoms else None
        if clause is None or (shape == "deep" and talk.plan.voice.kind != SELF):
            return None, []
        return _slots(talk, talk.choose(f"reflections.{shape}"), clause=clause), [symptoms[-1]]
    if shape == "double":
        if len(symptoms) < 2:
            return None, []
        first, second = talk.clause(symptoms[-2]), talk.clause(symptoms[-1])
        if not first or not second:
            return None, []
        return _slots(talk, talk.choose("reflections.double"), clause=first, clause2=small(second)), symptoms[-2:]
    if shape == "echo":
        quote = quotable(last["text"])
        if (
            not quote
            or not last.get("echo", last["kind"] == "disclosure")
            or sum("“" in turn.text for turn in talk.turns) >= 1 + talk.plan.level // 2
        ):
            return None, []
        return _slots(talk, talk.choose("reflections.echo"), quote=small(quote)), symptoms
    if shape == "validate":
        domain = talk.base.symptoms[symptoms[-1]].domain if symptoms else talk.plan.domain
        kind = talk.plan.voice.kind
        domain = kind.split("_")[0] if kind != SELF else "grief" if talk.plan.voice.lost else domain
        if domain not in bank("reflections.validate"):
            return None, []
        return talk.maybe(1.0, f"reflections.validate.{domain}"), symptoms[-1:]
    if shape == "attachment":
        return talk.maybe(1.0, f"clients.attachment_reply.{last['attachment']}"), []
    if shape == "defence":
        return talk.maybe(1.0, f"clients.defence_reply.{last['defence']}"), []
    if shape == "manner":
        return talk.maybe(1.0, f"reflections.by_manner.{last['manner']}"), []
    if shape in ("affirm", "normalise", "short"):
        return talk.maybe(1.0, f"reflections.{shape}"), []
    return None, []


def _slots(talk: Talk, frame: str, **values: str) -> str:
    return fill(frame, {**talk.values, **{k: v if k == "quote" else v for k, v in values.items()}})


def question(talk: Talk, symptom: str) -> tuple[str, dict[str, Any]]:
    """A question towards a symptom that is not told yet, and its reason."""
    domain = talk.base.symptoms[symptom].domain
    if talk.plan.voice.kind != SELF:
        text = talk.choose("questions.carer")
    else:
        domain = "grief" if talk.plan.voice.lost and domain == "trauma" else domain
        domain = domain if domain in bank("questions.domains") else "mood"
        text = talk.choose(f"questions.domains.{domain}")
    return text, {"asks": [symptom], "criteria": list(talk.plan.criteria.get(symptom, ()))}


def first_reply(talk: Talk) -> None:
    """The answer to the first message: a welcome, some of it given back, a question; no advice."""
    first = talk.plan.meeting == 1
    shape, response, symptoms = respond(talk, ("frames", "echo", "double", "deep"))
    response = None if shape == "short" else response
    response = _safety_note(talk) or response
    parts = [
        talk.maybe(0.7, "openings.first_reply.greet" if first else "openings.first_reply.greet_back"),
        response,
        talk.maybe(0.35, "openings.first_reply.honest") if first else None,
    ]
    waiting = talk.untold()
    if waiting and talk.rng.random() < 0.5:
        ask, reason = question(talk, waiting[0])
    else:
        ask, reason = talk.choose("openings.first_reply.ask"), {}
    reason = {"symptoms": symptoms, "criteria": [c for s in symptoms for c in talk.plan.criteria.get(s, ())], **reason}
    labels = {
        "persona_mode": "therapy", "intervention": ["simple_reflection", "open_question"], "appropriateness": 0.92,
        "safety": [], "emotional_reactions": 1, "interpretations": 1, "explorations": 2,
        "empathy_stage": "recognition",
    }  # fmt: skip
    talk.say("assistant", *parts, capital(ask), labels=labels, reason={k: v for k, v in reason.items() if v},
             hint="Welcome them, give back what you heard, ask one open question.")  # fmt: skip
