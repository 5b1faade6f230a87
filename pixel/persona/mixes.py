"""Real talk with a known switch: some turns of one corpus, then some of another, joined at evaluation time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Mix:
    """
    Attributes:
        id: `corpus:id+corpus:id`, so that two runs can be paired.
        messages: person and reply by turns, the person first; people's own words, never stored.
        needed: mode of each of the person's turns, by the corpus it comes from.
    """

    id: str
    messages: list[dict[str, str]]
    needed: list[str]


def passages(row: Mapping[str, Any], turns: int, least: int = 3) -> list[list[str]]:
    """
    Runs of `2 * turns` messages that do not overlap, beginning with the person, whose every message of the person has
    at least `least` words. Where the corpus knows no replies (talk of several people), speakers are taken by turns.
    """
    messages = row["messages"]
    two = any(message["role"] == "assistant" for message in messages)
    out, start = [], 0
    while start + 2 * turns <= len(messages):
        part = messages[start : start + 2 * turns]
        fits = not two or all((m["role"] == "user") == (i % 2 == 0) for i, m in enumerate(part))
        if fits and all(len(message["content"].split()) >= least for message in part[::2]):
            out.append([message["content"] for message in part])
            start += 2 * turns
        else:
            start += 1
    return out


def make_mixes(
    therapy: Mapping[str, Sequence[Mapping[str, Any]]], other: Mapping[str, Sequence[Mapping[str, Any]]],
    count: int = 200, turns: int = 3, seed: int = 0,
) -> list[Mix]:  # fmt: skip
    """
    Mixes of one passage of therapy and one of other talk, in either order by turns; no passage serves twice.

    Args:
        therapy: corpus -> rows in which people speak with a helper.
        other: corpus -> rows of everyday talk.
        count: at most.
        turns: of the person, on each side of the switch.
        seed: of the draw.
    """
    generator = np.random.default_rng(seed)
    pools = []
    for corpora in (therapy, other):
        pool = [
            (f"{name}:{row['id']}", part)
            for name, rows in corpora.items()
            for row in rows
            for part in passages(row, turns)
        ]
        pools.append([pool[index] for index in generator.permutation(len(pool))])
    out = []
    for number, (first, second) in enumerate(zip(*pools, strict=False)):
        if number == count:
            break
        pair = [(first, "therapy"), (second, "assistant")]
        pair = pair[::-1] if number % 2 else pair
        texts = [text for (_, part), _ in pair for text in part]
        roles = ("user", "assistant")
        messages = [{"role": roles[index % 2], "content": text} for index, text in enumerate(texts)]
        name = "+".join(name for (name, _), _ in pair)
        out.append(Mix(f"{name}#{number}", messages, [mode for _, mode in pair for _ in range(turns)]))
    return out
