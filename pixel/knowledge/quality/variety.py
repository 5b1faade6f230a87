"""Variety of technique by phase: not every reply may be empathy and a suggestion."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from pixel.knowledge.quality.defect import Defect, turns
from pixel.models.labels_clinical import INTERVENTIONS

PHASES = ("opening", "exploring", "working", "closing")
"""Used where no phase is given: the first sixth of the replies, up to the half, up to five sixths, the rest."""
MIN_REPLIES = 4
"""Fewer replies are too few to call monotonous."""
MIN_ENTROPY = 0.35
"""Of the techniques in a conversation, as a share of what its number of techniques named allows."""
MAX_SHARE = 0.6
"""Of the replies that have the same set of techniques."""

_WARM = {"validation", "normalising", "affirmation", "simple_reflection", "complex_reflection"}
_SUGGESTING = {"advice", "behavioural_activation", "problem_solving", "exploring_options", "goal_setting"}


def techniques(conversation: Mapping[str, Any]) -> list[tuple[int, frozenset[str]]]:
    """
    Turn and techniques of every reply whose `intervention` is labelled: a list of names, name -> value, or numbers in
    the order of `INTERVENTIONS` (0.5 and more is present).
    """
    labels = conversation.get("intervention")
    labels = labels if isinstance(labels, list) else []
    found = []
    for index, _ in turns(conversation, "assistant"):
        if index < len(labels) and labels[index] is not None:
            found.append((index, frozenset(_names(labels[index]))))
    return found


def phases(conversation: Mapping[str, Any]) -> dict[int, str]:
    """Turn -> phase of every reply: `phase` or the rationale's where given, else by place in the conversation."""
    replies = [index for index, _ in turns(conversation, "assistant")]
    given = conversation.get("phase")
    reasons = conversation.get("rationale")
    out = {}
    for place, index in enumerate(replies):
        share = (place + 0.5) / len(replies)
        phase = PHASES[(share > 1 / 6) + (share > 1 / 2) + (share > 5 / 6)]
        if isinstance(given, list) and index < len(given) and isinstance(given[index], str):
            phase = given[index]
        elif isinstance(reasons, list) and index < len(reasons) and isinstance(reasons[index], Mapping):
            phase = reasons[index].get("phase") or phase
        out[index] = phase
    return out


def entropy(counts: Mapping[str, int]) -> float:
    """Shannon entropy in bits; 0 for nothing or one thing."""
    total = sum(counts.values())
    return -sum(count / total * math.log2(count / total) for count in counts.values() if count) if total else 0.0


def variety(conversation: Mapping[str, Any]) -> list[Defect]:
    """
    Monotony of technique. Conversations without `intervention` labels, or with fewer than four labelled replies, pass.

    Returns:
        defects of the kinds `monotonous` (most replies have the same techniques, or their entropy is low),
        `empathy_and_suggestion` (most replies pair warmth with a suggestion and ask nothing), `no_question`, and
        `suggests_at_once` (a suggestion in the very first reply).
    """
    replies = techniques(conversation)
    if len(replies) < MIN_REPLIES:
        return []
    found, sets = [], Counter(names for _, names in replies)
    commonest, count = sets.most_common(1)[0]
    share = count / len(replies)
    if share > MAX_SHARE:
        names = " and ".join(sorted(commonest)) or "no technique"
        found.append(Defect("monotonous", None, f"{share:.0%} of the replies are {names}"))
    single = Counter(name for _, names in replies for name in names)
    most = math.log2(min(sum(single.values()), len(INTERVENTIONS))) if sum(single.values()) > 1 else 0.0
    if most and entropy(single) / most < MIN_ENTROPY:
        found.append(Defect("monotonous", None, f"{len(single)} techniques with {entropy(single):.2f} bits in all"))
    asks = {"open_question", "closed_question"}
    pairs = sum(bool(names & _WARM) and bool(names & _SUGGESTING) and not names & asks for _, names in replies)
    if pairs / len(replies) > 0.5:
        found.append(Defect("empathy_and_suggestion", None, f"{pairs} of {len(replies)} replies soothe and suggest"))
    if not any(names & asks for _, names in replies):
        found.append(Defect("no_question", None, "the therapist never asks anything"))
    first, names = replies[0]
    if names & _SUGGESTING and first == next(index for index, _ in turns(conversation, "assistant")):
        found.append(Defect("suggests_at_once", first, "the first reply suggests something before listening"))
    return found


def _names(label: Any) -> list[str]:
    if isinstance(label, Mapping):
        return [name for name, value in label.items() if value is not None and value >= 0.5]
    if all(isinstance(value, str) for value in label):
        return list(label)
    return [name for name, value in zip(INTERVENTIONS, label, strict=False) if value is not None and value >= 0.5]
