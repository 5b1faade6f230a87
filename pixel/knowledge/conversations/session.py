"""The session as a state machine: phases of a modality, what is still untold, the goal, and what may come between."""

from pixel.knowledge.conversations import clients, risk_talk, therapists
from pixel.knowledge.conversations.grammar import bank
from pixel.knowledge.conversations.speakers import RISK_DOMAINS
from pixel.knowledge.conversations.talk import Talk
from pixel.knowledge.conversations.techniques import modality, technique
from pixel.knowledge.conversations.voices import SELF
from pixel.knowledge.conversations.wording import fill

WORK = {1: 2, 2: 3, 3: 4, 4: 5, 5: 7}
"""Exchanges of technique, by complexity level."""


def run(talk: Talk, switch: bool = False) -> None:
    """
    Play a session to its end; the turns are in `talk.turns`.

    Args:
        talk: fresh.
        switch: whether a practical request comes in between (persona switch).
    """
    phases = modality(talk)["phases"]
    clients.open_talk(talk)
    therapists.first_reply(talk)
    clients.disclose(talk, _portion(talk))
    talk.phase = phases[0]["id"]
    _explore(talk, phases)
    if talk.over:
        return
    _goal(talk)
    _work(talk, phases, switch)
    talk.phase = phases[-1]["id"]
    _close(talk)


# ── finding out ──


def _explore(talk: Talk, phases: list[dict]) -> None:
    """Until every symptom is told: questions towards the next, reflections without one, how long, where."""
    extras = ["duration", "situation"] + (["technique"] if talk.plan.level > 1 else [])
    talk.rng.shuffle(extras)
    if talk.plan.voice.lost:
        extras.remove("duration")  # told in the first message
    least = 1 if talk.plan.level < 3 else 2
    done = 0
    while talk.untold() or done < least:
        waiting = talk.untold()
        if done == 2 and len(phases) > 1:
            talk.phase = phases[1]["id"]
        if waiting and (talk.rng.random() < 0.62 or not done):
            ask, reason = therapists.question(talk, waiting[0])
            therapists.reply(talk, ask, reason=reason, hint="Give back what you heard, then ask towards the next.")
        else:
            shapes = ("deep", "echo", "frames", "validate", "double", "short")
            ask = talk.maybe(0.45, "reflections.deepen")
            therapists.reply(talk, ask, shapes=shapes, hint="Only reflect; let them go on.")
        lead = talk.maybe(0.5, "clients.react.accept") if not talk.turns[-1].text.endswith("?") else None
        clients.disclose(talk, _portion(talk), lead)
        done += 1
        if extras and talk.rng.random() < 0.45:
            _extra(talk, extras.pop(), phases)
    for extra in extras:
        if extra != "technique" or talk.rng.random() < 0.5:
            _extra(talk, extra, phases)
    if talk.plan.risk or (talk.plan.domain in RISK_DOMAINS and talk.rng.random() < 0.5):
        risk_talk.screen(talk)


def _portion(talk: Talk) -> int:
    waiting = len(talk.untold())
    most = {"guarded": 1, "flooding": 3, "open": 2}.get(talk.plan.person.style, 2)
    pressing = 1 + (waiting > 4) + (waiting > 8) + (talk.plan.level < 3 and waiting > 2)
    return max(1, min(most if waiting <= 6 else 3, pressing))


def _extra(talk: Talk, kind: str, phases: list[dict]) -> None:
    if kind == "duration":
        one = talk.choose("questions.duration")
        therapists.reply(talk, one["ask"], "closed_question", reason={"asks": ["duration"]}, hint="Ask how long.")
        kind = "self" if talk.plan.voice.kind == SELF else "carer"
        options = bank(f"questions.lifelong_say.{kind}") if talk.plan.lifelong else one["say"]
        clients.answer(talk, "questions.duration.say", options)
    elif kind == "situation":
        ask = talk.choose("questions.situation")
        therapists.reply(talk, ask, reason={"asks": ["situation"]}, hint="Ask where it is worst.")
        place = _situation(talk)
        clients.plain(talk, place["say"], "answer", "fear" if talk.plan.domain == "anxiety" else "sad")
        talk.values["situation"] = place["situation"]
    else:
        technique(talk, phases[0], 1)


def _situation(talk: Talk) -> dict:
    kind = talk.plan.voice.kind
    if kind != SELF:
        key = "carer_situations" if kind.startswith("carer") else "elder_situations"
        return talk.rng.choice(bank(f"circumstances.{key}"))
    options = [one for one in bank("circumstances.situations") if set(one["needs"]) <= talk.plan.person.has]
    return talk.choose("circumstances.situations", options)


# ── goal and work ──


def _goal(talk: Talk) -> None:
    """Asked, stated, put into words together, agreed."""
    if talk.plan.level > 1 and talk.rng.random() < 0.6:
        therapists.reply(
            talk, talk.choose("questions.value"), reason={"asks": ["value"]}, hint="Ask what matters to them."
        )
        value = talk.choose("people.values")
        clients.plain(talk, value["say"], "answer", "warm")
        talk.values["value"] = value["value"]
    therapists.reply(talk, talk.choose("questions.goal"), reason={"goal": "asked"}, hint="Ask what they hope for.")
    talk.values["goal"] = talk.goal_words
    clients.answer(talk, "questions.goal_say", bank("questions.goal_say"))
    talk.goal = "stated"
    therapists.reply(talk, talk.choose("questions.agree"), "goal_setting", take_up=talk.rng.random() < 0.35,
                     reason={"goal": "agreed"}, hint="Agree on the goal in their words.")  # fmt: skip
    clients.answer(talk, "questions.agree_say", bank("questions.agree_say"))
    talk.goal = "agreed"


def _work(talk: Talk, phases: list[dict], switch: bool) -> None:
    """Techniques of the middle phases, in order, with what may come between: silence, a break in trust, a task."""
    middle = phases[1:-1] or phases
    budget = WORK[talk.plan.level]
    events = [name for name, chance in (("silence", 0.35), ("rupture", 0.25)) if talk.rng.random() < chance]
    events = [name for name in events if talk.plan.level >= (2 if name == "silence" else 4)]
    events += ["switch"] if switch else []
    per_phase = max(1, round(budget / len(middle)))
    for phase in middle:
        talk.phase = phase["id"]
        count = min(per_phase, budget)
        if count <= 0:
            break
        budget -= technique(talk, phase, count)
        talk.goal = "worked_on"
        if events and talk.rng.random() < 0.6:
            _event(talk, events.pop(0))
    for event in events:
        _event(talk, event)


def _event(talk: Talk, kind: str) -> None:
    if kind == "switch":
        task = talk.choose(
            "switches.tasks", [t for t in bank("switches.tasks") if set(t["needs"]) <= talk.plan.person.has]
        )
        therapists.reply(talk, talk.maybe(0.6, "reflections.deepen"), hint="Respond briefly.")
        task_labels = {"persona_mode": "assistant", "persona_context": "practical_task", "persona_switch": 1.0}
        clients.plain(talk, task["ask"], "task", labels={**task_labels, "persona_trigger": "request_task"})
        helped = {"persona_mode": "assistant", "intervention": ["information"], "appropriateness": 0.92, "safety": []}
        talk.say("assistant", task["help"], labels=helped, reason={"switch": "assistant"}, hint="Help with the task.")
        back = {"persona_switch": 1.0, "persona_trigger": "topic_shift", "persona_mode": "therapy"}
        clients.plain(talk, f"{task['thanks']} {talk.choose('switches.back')}", "answer", labels=back)
        therapists.reply(talk, talk.choose("switches.back_reply"), take_up=False, reason={"switch": "therapy"})
        clients.answer(talk, "clients.after_silence", bank("clients.after_silence"))
        return
    if kind == "silence":
        therapists.reply(talk, talk.maybe(0.7, "reflections.deepen"), hint="Respond briefly.")
        clients.plain(talk, talk.choose("clients.silence", bank("clients.silence")[2:]), "silence")
        room = {"persona_mode": "therapy", "intervention": ["validation"], "appropriateness": 0.92, "safety": []}
        text = talk.choose("clients.silence_reply")
        talk.say("assistant", text, labels=room, reason={"event": "silence"}, hint="Leave room.")
        clients.answer(talk, "clients.after_silence", bank("clients.after_silence"))
        return
    therapists.reply(talk, talk.choose("reflections.deepen"), shapes=("manner", "affirm"), hint="Respond.")
    talk.shift(0.05)
    clients.plain(talk, talk.choose("clients.rupture"), "rupture", "anger", labels={"emotion": ["annoyance"]})
    therapists.reply(talk, talk.choose("clients.repair"), "validation", take_up=False, reason={"event": "rupture"},
                     hint="Own your part, apologise plainly, ask again.")  # fmt: skip
    clients.answer(talk, "clients.repaired", bank("clients.repaired"))
    talk.shift(-0.06)


# ── closing ──


def _close(talk: Talk) -> None:
    """Goal reviewed, support, summary, goodbye. The therapist has the last word."""
    therapists.reply(talk, talk.choose("closings.review"), take_up=talk.rng.random() < 0.5,
                     reason={"goal": "reviewed"}, hint="Look back at the goal together.")  # fmt: skip
    better = talk.rng.random() < 0.75 - 0.08 * talk.plan.level
    clients.answer(talk, "closings.review_say", bank(f"closings.review_say.{'better' if better else 'same'}"))
    talk.goal = "reviewed"
    if talk.rng.random() < 0.5:
        therapists.reply(
            talk, talk.choose("closings.support"), reason={"asks": ["support"]}, hint="Ask about support."
        )
        clients.answer(talk, "closings.support_say", bank("closings.support_say"))
    clauses = [clause for clause in (talk.clause(symptom, again=True) for symptom in talk.told[:4]) if clause][:2]
    if len(clauses) == 2 and talk.rng.random() < 0.75:
        frame = talk.choose("closings.summary")
        slots = {"clause": clauses[0], "clause2": clauses[1], "gain": talk.choose("closings.gain")}
        text, why = fill(frame, {**talk.values, **slots}), {"symptoms": talk.told[:2], "summary": "session"}
        therapists.reply(talk, text, "complex_reflection", take_up=False, reason=why, hint="Sum up and check.")
        clients.answer(talk, "closings.summary_say", bank("closings.summary_say"))
    if talk.rng.random() < 0.5:
        therapists.reply(talk, shapes=("manner", "affirm"), hint="Respond briefly.")
        clients.answer(talk, "closings.client_bye", bank("closings.client_bye"))
    therapists.reply(talk, talk.choose("closings.bye"), "affirmation", take_up=talk.rng.random() < 0.4,
                     reason={"goal": "reviewed"}, hint="End kindly, without tying them to you.")  # fmt: skip
