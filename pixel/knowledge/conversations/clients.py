"""What the client says: openings, symptoms told bit by bit in a style of their own, answers, and what colours them."""

from typing import Any

from pixel.knowledge.conversations.grammar import bank, manner, said
from pixel.knowledge.conversations.talk import Talk
from pixel.knowledge.conversations.voices import SELF
from pixel.knowledge.conversations.wording import fill, join

EMOTIONS = {
    "sad": ["sadness"], "fear": ["fear"], "anger": ["anger"], "hope": ["optimism"], "doubt": ["confusion"],
    "relief": ["relief"], "shame": ["embarrassment"], "plain": ["neutral"], "insight": ["realization"],
    "warm": ["caring"], "torn": ["confusion"],
}  # fmt: skip
DOMAIN_EMOTIONS = {
    "mood": ["sadness"], "anxiety": ["fear"], "trauma": ["fear"], "risk": ["sadness"], "substance": ["embarrassment"],
    "eating": ["embarrassment"], "psychosis": ["fear"], "conduct": ["annoyance"], "interpersonal": ["disappointment"],
    "obsessive": ["nervousness"], "somatic": ["nervousness"], "sexual": ["embarrassment"],
}  # fmt: skip
EASES = {"hope": -0.05, "relief": -0.06, "insight": -0.04, "warm": -0.04, "plain": -0.01, "sad": 0.01, "fear": 0.02,
         "shame": 0.02, "anger": 0.01, "doubt": 0.0, "torn": 0.0}  # fmt: skip
QUOTED = {"sad", "fear", "anger", "shame", "insight", "torn", "doubt"}
"""Answers said like this are worth giving back word for word."""


def open_talk(talk: Talk) -> None:
    """The first message: a greeting, why now, who is writing, what it is about, and one or two symptoms."""
    plan, rng = talk.plan, talk.rng
    first = plan.meeting == 1
    carer = plan.voice.kind != SELF
    context = _context(talk)
    who = [
        talk.maybe(0.5 if first else 0.12, "people.occupation", [plan.person.occupation]),
        talk.maybe(0.0 if plan.voice.lost else 0.45 if first else 0.12, "people.family", plan.person.family["say"]),
        talk.maybe(0.35 if first else 0.12, "people.culture", plan.person.culture["say"]),
    ]
    rng.shuffle(who)
    about = talk.choose("openings.carer_lead") if carer else talk.maybe(0.4, "openings.lead")
    if plan.voice.lost:
        about = f"My {plan.voice.lost} died {talk.values['span']} ago."
    told, about_what = _tell(talk, 1 if plan.person.style == "guarded" else rng.choice((1, 1, 2)))
    parts = [
        talk.maybe(0.75 if first else 0.9, "openings.hello" if first else "openings.back"),
        talk.maybe(0.7, "openings.why" if first else "openings.why_back"),
        *[part for part in who if part],
        about,
        *([context, *told] if rng.random() < 0.35 and not (about or "").endswith(":") else [*told, context]),
        talk.maybe(0.55, "openings.ask"),
    ]
    talk.last = {"kind": "disclosure", "manner": "plain", "symptoms": about_what, "text": talk.quoted}
    _user(talk, parts, {"persona_trigger": "distress_disclosure"}, hint="Open the conversation.")


def disclose(talk: Talk, count: int = 1, lead: str | None = None) -> None:
    """Tell the next symptoms, in the person's style."""
    style = bank(f"clients.styles.{talk.plan.person.style}")
    before, after = style["rates"]
    told, about = _tell(talk, count)
    first = lead or talk.maybe(before, f"clients.styles.{talk.plan.person.style}.before")
    last = talk.maybe(after, f"clients.styles.{talk.plan.person.style}.after")
    talk.last = {"kind": "disclosure", "manner": "plain", "symptoms": about, "text": talk.quoted}
    talk.shift(0.015)
    colour, labels = (None, {}) if last else _colour(talk, 0.5)
    _user(talk, [first, *told, last, colour], labels, hint="Tell this, in your own words.")


def answer(talk: Talk, path: str, options: list[Any], labels: dict | None = None, **slots: str) -> None:
    """One of the answers that fit what was asked, now and then with a word on how it is between the two."""
    usable = [one for one in options if talk.can_say(said(one)) or slots]
    one = talk.choose(path, usable or options)
    text, how = fill(said(one), {**talk.values, **slots}), manner(one)
    talk.last = {"kind": "answer", "manner": how, "symptoms": [], "text": text}
    talk.shift(EASES[how])
    colour, more = _colour(talk) if path.startswith("exchanges") else (None, {})
    talk.last["echo"] = path.startswith("exchanges") and how in QUOTED
    _user(talk, [text, colour], {**(labels or {}), **more}, how=how, hint="Answer what was asked.")


def plain(talk: Talk, text: str, kind: str, how: str = "plain", labels: dict | None = None) -> None:
    """Say exactly this."""
    talk.last = {"kind": kind, "manner": how, "symptoms": [], "text": text}
    talk.shift(EASES[how])
    _user(talk, [text], labels or {}, how=how)


def _tell(talk: Talk, count: int) -> tuple[list[str], list[str]]:
    """
    Sentences for the next symptoms that are not told yet, or, when all are, for one of them in other words.

    Returns:
        sentences, and the symptoms they are about.
    """
    out: list[str] = []
    about: list[str] = []
    for _ in range(count):
        waiting = talk.untold()
        symptom = waiting[0] if waiting else talk.rng.choice(talk.plan.symptoms)
        text = talk.phrasing(symptom)
        if waiting:
            talk.told.append(symptom)
        if text:
            about.append(symptom)
            talk.quoted = text
            joins = talk.maybe(0.5, "clients.join") if out else None
            out.append(join(joins, text))
    if not out:
        out = [talk.choose("questions.goes_on")]
    return out, about


def _context(talk: Talk) -> str | None:
    """What set it off; from now on the listener may speak of it."""
    voice, has = talk.plan.voice, talk.plan.person.has
    if voice.lost:
        talk.event = "the death"
        return None
    if voice.kind != SELF:
        key = "carer_contexts" if voice.kind.startswith("carer") else "elder_contexts"
        return fill(
            talk.choose(f"circumstances.{key}", bank(f"circumstances.{key}"))["say"][talk.rng.randrange(2)],
            talk.values,
        )
    options = [one for one in bank("circumstances.contexts") if set(one["needs"]) <= has]
    chosen = talk.rng.choice(options)
    talk.event, talk.flags = chosen.get("event"), set(chosen["flags"])
    return talk.maybe(0.85, f"circumstances.{chosen['id']}", chosen["say"])


def _colour(talk: Talk, part: float = 1.0) -> tuple[str | None, dict]:
    """Sometimes a sentence in the person's attachment or defence, with its label."""
    from pixel.knowledge.conversations.persons import DEFENCES

    if len(talk.turns) < 6 or talk.plan.level < 2 or talk.rng.random() > part * (0.16 + 0.03 * talk.plan.level):
        return None, {}
    person = talk.plan.person
    if talk.rng.random() < 0.5 and not any("attachment" in turn.labels for turn in talk.turns[-6:]):
        text = talk.maybe(1.0, f"clients.attachment.{person.attachment}")
        talk.last |= {"attachment": person.attachment}
        return text, {"attachment": person.attachment}
    if any("defence" in turn.labels for turn in talk.turns) or person.defence not in DEFENCES:
        return None, {}
    text = talk.maybe(1.0, f"clients.defences.{person.defence}")
    if text is None:
        return None, {}
    entry = next(one for one in talk.base.frameworks["defences"]["defences"] if one["id"] == person.defence)
    talk.last |= {"defence": entry["level"]}
    talk.defence_reason = f"defences/{person.defence}"
    return text, {"defence": entry["level"]}


def _user(talk: Talk, parts: list[str | None], labels: dict, how: str = "plain", hint: str = "") -> None:
    symptoms = talk.last["symptoms"]
    emotion = EMOTIONS[how]
    if symptoms:
        emotion = DOMAIN_EMOTIONS.get(talk.base.symptoms[symptoms[0]].domain, ["sadness"])
    known = {criterion for id in talk.told for criterion in talk.plan.criteria.get(id, ())}
    labels = {
        "emotion": emotion,
        "distress": round(talk.distress, 2),
        "persona_mode": "therapy",
        "persona_context": "emotional_support" if len(talk.turns) < 6 else "therapeutic_work",
        **labels,
    }
    needed = {criterion for ids in talk.plan.criteria.values() for criterion in ids}
    if symptoms and len(known) >= 0.5 * len(needed):
        labels["dsm"] = [talk.plan.category]
    if symptoms and talk.plan.comorbid and any(one.startswith(talk.plan.comorbid) for one in known):
        labels["dsm"] = [*labels.get("dsm", ()), talk.plan.comorbid]
    reason = {"symptoms": symptoms, "criteria": [c for id in symptoms for c in talk.plan.criteria.get(id, ())]}
    if "defence" in labels:
        reason["defence"] = talk.defence_reason
    if "attachment" in labels:
        reason["attachment"] = f"attachment/{talk.plan.person.attachment}"
    talk.say("user", *parts, labels=labels, reason={key: value for key, value in reason.items() if value}, hint=hint)
