"""Pairs of replies of which people said which is better, and single replies with their human scores."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pixel.evaluation.judges.judge import Pair, Side
from pixel.models.labels import EPITOME_MECHANISMS

LEAST_WORDS = 8
"""A reply of fewer words ("mm-hm") says nothing of its session's quality."""
HIGH, LOW = 3, 1
"""Sum of EPITOME's three levels: at least 3 is a strong reply, at most 1 a weak one."""
PER_SESSION = 12


def epitome_sides(rows: Iterable[Mapping[str, Any]]) -> list[tuple[Side, float]]:
    """EPITOME's replies and the sum of their three levels, 0 to 6; those with an unknown level are left out."""
    found = []
    for row in rows:
        levels = [(row.get(name) or [None, None])[1] for name in EPITOME_MECHANISMS]
        if None in levels:
            continue
        client, reply = (message["content"] for message in row["messages"][:2])
        found.append((Side(client, reply, f"epitome:{row['group']}"), float(sum(levels))))
    return found


def annomi_sides(rows: Iterable[Mapping[str, Any]]) -> list[tuple[Side, float]]:
    """
    AnnoMI's therapist turns of eight words or more after a client's turn: 1 in high-quality sessions, 0 in others.

    It is the session that was labelled, so a good turn of a bad session counts as bad: agreement well below 1 is the
    best there can be. At most twelve turns a session, spread evenly. The group is the session: 16 of the 109 share a
    video with another, so a fitted judge can have heard the same speakers.
    """
    found = []
    for row in rows:
        turns = []
        for index, (message, label) in enumerate(zip(row["messages"], row["appropriateness"], strict=True)):
            value = label[0] if isinstance(label, (list, tuple)) else label
            before = row["messages"][index - 1] if index else None
            if value is None or before is None or before["role"] != "user":
                continue
            if len(message["content"].split()) >= LEAST_WORDS:
                turns.append((Side(before["content"], message["content"], f"annomi:{row['id']}"), float(value > 0.5)))
        step = max(1, -(-len(turns) // PER_SESSION))
        found += turns[::step]
    return found


def matched_pairs(
    sides: Sequence[tuple[Side, float]], high: float, low: float, name: str, most: int, seed: int = 0
) -> list[Pair]:
    """
    Pairs of a reply that people scored high and one they scored low, of nearly the same length.

    Matching by length (within 15% or two words) takes from a judge the easiest wrong reason. No reply is used twice,
    and no group is paired with itself. Which of the two comes first is drawn.

    Args:
        sides: with human scores.
        high, low: scores at or above, at or below.
        name: for the ids.
        most: pairs.
        seed: of the order.

    Returns:
        pairs; a pair's group is that of its reply of the rarer kind (of bad sessions there are few).
    """
    generator = np.random.default_rng(seed)
    lows = [side for side, score in sides if score <= low]
    highs = [side for side, score in sides if score >= high]
    rare, many = (lows, highs) if len(lows) <= len(highs) else (highs, lows)
    lengths = np.array([len(side.reply.split()) for side in many])
    free = np.ones(len(many), dtype=bool)
    pairs: list[Pair] = []
    for number in generator.permutation(len(rare)):
        side = rare[number]
        words = len(side.reply.split())
        distance = np.where(free, np.abs(lengths - words), np.inf)
        near = [place for place in np.argsort(distance, kind="stable")[:20] if many[place].group != side.group]
        if not near or distance[near[0]] > max(2, 0.15 * words):
            continue
        free[near[0]] = False
        better, worse = (many[near[0]], side) if rare is lows else (side, many[near[0]])
        pairs.append(_oriented(better, worse, f"{name}:{len(pairs)}", side.group, generator))
        if len(pairs) == most:
            break
    return pairs


def same_message_pairs(sides: Sequence[tuple[Side, float]], name: str, seed: int = 0) -> list[Pair]:
    """All pairs of replies to one message whose human scores differ."""
    generator = np.random.default_rng(seed)
    by_message: dict[str, list[tuple[Side, float]]] = {}
    for side, score in sides:
        by_message.setdefault(side.group, []).append((side, score))
    pairs = []
    for group, replies in sorted(by_message.items()):
        for number, (one, first) in enumerate(replies):
            for two, second in replies[number + 1 :]:
                if first != second:
                    better, worse = (one, two) if first > second else (two, one)
                    pairs.append(_oriented(better, worse, f"{name}:{len(pairs)}", group, generator))
    return pairs


def _oriented(better: Side, worse: Side, name: str, group: str, generator: np.random.Generator) -> Pair:
    if generator.random() < 0.5:
        return Pair(name, better, worse, group, True)
    return Pair(name, worse, better, group, False)
