"""Techniques of a modality in the order in which their lines build on each other, and what people answer."""

from typing import Any

from pixel.knowledge.conversations import clients, therapists
from pixel.knowledge.conversations.grammar import bank, said
from pixel.knowledge.conversations.talk import Talk
from pixel.knowledge.conversations.wording import fill

_REFLECTING = {"simple_reflection", "complex_reflection", "validation", "affirmation", "normalising", "interpretation"}


def modality(talk: Talk) -> dict[str, Any]:
    """The modality's entry of the knowledge base."""
    return next(one for one in talk.base.frameworks["modalities"]["modalities"] if one["id"] == talk.plan.modality)


def technique(talk: Talk, phase: dict, count: int) -> int:
    """
    Up to `count` exchanges with techniques of a phase, lines in the order in which they build on each other.

    Returns:
        how many there were.
    """
    entries = {one["id"]: one for one in modality(talk)["techniques"]}
    names = [name for name in phase["techniques"] if _possible(talk, entries[name])]
    done = 0
    for name in names * 2:
        if done >= count:
            break
        done += _lines(talk, entries[name], min(count - done, talk.rng.choice((1, 2, 2, 3))))
    return done


def _possible(talk: Talk, entry: dict) -> bool:
    met = {"loss": "loss" in talk.flags or bool(talk.plan.voice.lost), "role_change": "role_change" in talk.flags,
           "risk": bool(talk.plan.risk)}  # fmt: skip
    return met.get(entry.get("only_if"), "only_if" not in entry) and entry["id"] in _exchanges(talk)


def _exchanges(talk: Talk) -> dict:
    return bank(f"exchanges.{talk.plan.modality}")


def _lines(talk: Talk, entry: dict, most: int) -> int:
    lines, rules = _exchanges(talk)[entry["id"]], bank("lines")
    path = f"exchanges.{talk.plan.modality}.{entry['id']}"
    starts = [
        place for place, one in enumerate(lines) if one["line"] not in rules["follow_ups"] and _usable(talk, one)
    ]
    if not starts:
        return 0
    first = lines.index(talk.choose(path, [lines[place] for place in starts]))
    done = 0
    for place in range(first, len(lines)):
        one = lines[place]
        builds_on = place == first or (one["line"] in rules["follow_ups"] and _usable(talk, one))
        if done >= most or not builds_on:
            break
        line = fill(one["line"], {**talk.values, **_event_slot(talk, one["line"])})
        asks = line.endswith("?")
        mirrors = entry["intervention"] in _REFLECTING and not asks
        does = (
            entry["intervention"]
            if asks or mirrors or entry["intervention"] not in ("open_question", "closed_question")
            else None
        )
        take_up = talk.rng.random() < (0.12 if mirrors else 0.55)
        if set_up := bank("lines.set_up").get(one["line"]):
            line = f"{set_up} {line}"
        elif not take_up and not mirrors and talk.rng.random() < 0.15 and done == 0:
            line = f"{talk.choose('reflections.bridge')} {line}"
        reason = {"technique": f"modalities/{talk.plan.modality}/{entry['id']}", "goal": talk.goal}
        therapists.reply(talk, line, does, take_up=take_up, reason=reason, hint=entry["description"])
        clients.answer(talk, path + ".answers", one["answers"])
        done += 1
    return done


def _usable(talk: Talk, one: dict) -> bool:
    line, rules = one["line"], bank("lines")
    if line in rules["never"] or (line in rules["later_meetings"] and talk.plan.meeting == 1):
        return False
    if line in rules["events"]:
        return bool(talk.event) and any(talk.can_say(said(a)) for a in one["answers"])
    return talk.can_say(line) and line not in talk.said and any(talk.can_say(said(a)) for a in one["answers"])


def _event_slot(talk: Talk, line: str) -> dict[str, str]:
    return {"situation": talk.event} if line in bank("lines")["events"] and talk.event else {}
