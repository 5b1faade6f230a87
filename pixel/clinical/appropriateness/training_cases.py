"""Replies of which it is known what they break: the rules' matched pairs, and the seed corpus."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pixel.clinical.appropriateness.annomi_sessions import DANGER_TOPICS
from pixel.clinical.appropriateness.pair_features import Pair
from pixel.clinical.appropriateness.readable import cleaned, windows
from pixel.clinical.appropriateness.rule import Rule
from pixel.models.labels_clinical import SAFETY_CONCERNS

OTHERS = 0.3
"""Weight of a reply that breaks another rule; whether it breaks this one too was not asked."""
ALIKE = {"dismissive": {"crisis_missed", "discriminatory", "imposed_contract"}}
"""Rules whose breaches often break this one besides: left out."""
OF_DANGER = ("crisis_missed", "method_information")
"""Rules in whose examples the client is in danger (or puts others in it)."""
UNSAID = ("leading_probe", "imposed_contract")
"""In their examples some clients are and some are not: nobody marked them."""


class Case(NamedTuple):
    """
    One reply.

    Attributes:
        pair: with the client's message.
        rule: it was written for; `None` in the seed corpus.
        breaks: whether it breaks that rule (in the seed corpus, any).
        group: the same for all replies to one client.
        danger: whether the client is in danger, `None` if nobody said.
        broken: names of the rules it breaks.
    """

    pair: Pair
    rule: str | None
    breaks: bool
    group: str
    danger: bool | None
    broken: frozenset[str]


def pair_cases(rules: Mapping[str, Rule]) -> list[Case]:
    """Every reply of every rule's examples."""
    found = []
    for rule in rules.values():
        for example in (*rule.examples, *rule.calm):
            danger = None if rule.id in UNSAID else rule.id in OF_DANGER and example in rule.examples
            group = f"{rule.id}: {example.client}"
            for breaks, replies in ((True, example.bad), (False, example.good)):
                broken = frozenset({rule.id} if breaks else ())
                found += [
                    Case(Pair(example.client, reply), rule.id, breaks, group, danger, broken) for reply in replies
                ]
    return found


def seed_cases(part: int | None = None) -> Iterator[Case]:
    """
    Short helper turns of the seed corpus with their safety labels.

    Args:
        part: 0 or 1: only every other conversation, so that one half can measure what the other taught.
    """
    from pixel.data.seed import seed_rows

    for number, row in enumerate(seed_rows()):
        if part is not None and number % 2 != part:
            continue
        client, risk = "", None
        for index, message in enumerate(row["messages"]):
            text = message["content"]
            if message["role"] == "user":
                client, risk = text[-400:], row["risk"][index] if row["risk"] else None
            elif message["role"] == "assistant" and row["safety"] and row["safety"][index] is not None:
                labels = zip(SAFETY_CONCERNS, row["safety"][index], strict=True)
                broken = frozenset(name for name, value in labels if value)
                danger = None if risk is None or risk == 1 else risk >= 2
                if len(text) <= 400 and "```" not in text:
                    yield Case(Pair(client, text), None, bool(broken), row["id"], danger, broken)


def ordinary_cases(sessions: Iterable) -> Iterator[Case]:
    """
    Helper turns of real sessions shown as good practice, in pieces as the detector reads them: clean, and without
    danger. Sessions whose topic is danger are left out; where no topic is given, nothing is said about danger.
    """
    for session in sessions:
        if not session.high or any(topic in session.topic for topic in DANGER_TOPICS):
            continue
        client, danger = "", False if session.topic else None
        for message in session.messages:
            text = cleaned(message["content"])
            if message["role"] == "user":
                client = text
            else:
                for piece in windows(text):
                    yield Case(Pair(client, piece), None, False, session.video, danger, frozenset())
                client = ""


def marks(rule: Rule, known: list[Case]) -> tuple[np.ndarray, np.ndarray]:
    """
    Bool `[cases]`, whether each breaks `rule`; float `[cases]`, how much it counts, 0 where nobody can say.

    Of `crisis_missed` the classifier only learns whether a reply takes danger up: clean replies to clients who are in
    none count nothing.
    """
    target = np.array([rule.id in case.broken for case in known])
    weight = np.ones(len(known))
    for index, case in enumerate(known):
        if target[index]:
            weight[index] = 2.0
        elif case.breaks:
            near = case.rule in ALIKE.get(rule.id, ()) or case.rule is None or rule.id == "crisis_missed"
            weight[index] = 0.0 if near else OTHERS
        elif rule.id == "crisis_missed":
            weight[index] = float(case.danger is True or case.rule in UNSAID)
        elif case.rule == rule.id:
            weight[index] = 2.0
    return target, weight


def disclosures() -> Iterator[tuple[str, bool, float]]:
    """Sentences of `danger.yaml` and of the knowledge base for the reading of danger: text, danger, weight."""
    from pixel.knowledge.loading import knowledge
    from pixel.knowledge.yaml_files import read_yaml

    own = read_yaml(Path(__file__).with_name("danger.yaml"))
    yield from ((text, True, 1.0) for text in own["danger"])
    yield from ((text, False, 1.0) for text in own["calm"])

    for symptom in knowledge().symptoms.values():
        if symptom.domain == "risk":
            yield from ((text, True, 1.0) for text in symptom.phrasings)
            yield from ((text, False, 1.0) for text in symptom.absent)
        elif symptom.id not in ("hopelessness", "fear_of_dying", "reckless_pleasure_seeking"):
            yield symptom.phrasings[0], False, 0.5
