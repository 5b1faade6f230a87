"""Ethics of a conversation: confidentiality and its limits, dual relationships, consent, competence; with reasons."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pixel.clinical.ethics_rules import LIMITS, REFERRAL, RULES, SECRECY
from pixel.clinical.phrases import written_out
from pixel.clinical.risk_reading import Reading, kind_of, level_of

SEVERE = 3
"""Rung from which a helper has to name a way to care."""


class EthicsFinding(NamedTuple):
    """
    Something to mend.

    Attributes:
        rule: id of the rule.
        turn: number of the message, from 0; `None` for what is missing in the whole.
        reason: why it matters.
        mend: what to do instead.
    """

    rule: str
    turn: int | None
    reason: str
    mend: str


def check_ethics(
    messages: Sequence[Mapping[str, str]], readings: Sequence[Reading | None] | None = None
) -> list[EthicsFinding]:
    """
    Look for breaches in what the helper said, and for what a conversation about risk leaves out.

    Missing parts: `limits_unsaid` (a person asks for secrecy, or tells of danger to others or abuse, and no limit of
    confidentiality is named afterwards) and `no_referral` (rung 3 or more, or a flagged crisis of another kind, and no
    way to a line, clinic or person afterwards). Where the helper has not answered yet nothing is missing.

    Args:
        messages: `{"role", "content"}`.
        readings: a detector's, one a message (`None` where not read); without them only words are looked at.

    Returns:
        findings in the order of the turns, missing parts last; empty is what one wants.

    Raises:
        ValueError: not one reading a message.

    Source: APA Ethics Code 2017 (2.01, 3.05, 3.10, 4.01-4.05); BACP Ethical Framework 2018. The patterns are our own:
        they see wording, not intent.
    """
    if readings is not None and len(readings) != len(messages):
        raise ValueError(f"{len(readings)} readings for {len(messages)} messages. Mend: give one (or None) a message")
    texts = [written_out(message["content"]) for message in messages]
    said = [n for n, message in enumerate(messages) if message["role"] == "assistant"]
    found = [
        EthicsFinding(rule.id, n, rule.reason, rule.mend) for n in said for rule in RULES if rule.broken(texts[n])
    ]
    persons = {n: r for n, r in enumerate(readings or ()) if r is not None and messages[n]["role"] == "user"}
    kinds = {n: kind_of(reading) for n, reading in persons.items() if reading.flag}
    asked = [n for n, message in enumerate(messages) if message["role"] == "user" and SECRECY.search(texts[n])]
    told = asked + [n for n, kind in kinds.items() if kind in ("harm_to_others", "abuse")]
    severe = [n for n, reading in persons.items() if level_of(reading) >= SEVERE]
    severe += [n for n, kind in kinds.items() if kind not in ("suicide", "none")]
    if _unanswered(told, said, texts, LIMITS):
        reason = "what may have to be shared should be known before more is told"
        found.append(EthicsFinding("limits_unsaid", None, reason, "say the limits of confidentiality"))
    if _unanswered(severe, said, texts, REFERRAL):
        reason = "a danger of this size is beyond what a talk can hold"
        found.append(EthicsFinding("no_referral", None, reason, "name a line, a clinic and a trusted person"))
    return found


def _unanswered(starts: list[int], said: list[int], texts: list[str], wanted: re.Pattern) -> bool:
    """Whether helpers' turns came after the first of `starts` and none of them holds what is wanted."""
    after = [n for n in said if starts and n > min(starts)]
    return bool(after) and not any(wanted.search(texts[n]) for n in after)
