"""
Contrastive rows: the same context with the reply it got, and with a reply that was not made for it.

What they teach is **fit to the context, not sincerity**. A reply written to somebody else can be as heartfelt as any,
and a person who means it may use a stock phrase. `genuine` is 1 for "answers this" and 0 for "would fit anybody, or
somebody else". Nobody judged these rows: keep them out of what a model is evaluated on as genuineness, and weigh them
below the turns that people rated.

Measured on the seed corpus (five pairs a conversation, no model): a borrowed reply cannot be told by its length (AUC
.50), but the words it shares with the message before it give much away (AUC .83). A stock phrase is told by its own
words, without any context (AUC 1.0): keep their share small.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pixel.data.schema import conversation

GENUINE, SIMULATED = "genuine", "simulated"
SUFFIX = "_contrast"

STOCK_REPLIES = (
    "I'm so sorry to hear that. Your feelings are completely valid.",
    "Thank you for sharing that with me. That must be really hard for you.",
    "I understand how you feel. Remember that you are not alone in this.",
    "It sounds like you are going through a difficult time. Things will get better.",
    "I hear you. It is important to take care of yourself and to take things one day at a time.",
    "That is a lot to deal with. Please remember to be kind to yourself.",
    "I can only imagine how that feels. Have you considered talking to someone about it?",
    "What you are feeling is normal, and many people feel the same way. Stay strong.",
    "I appreciate you opening up. Everything happens for a reason, and you will come out stronger.",
    "Thank you for reaching out. I am here for you, and I care about how you feel.",
    "That sounds tough. Try to focus on the positive things in your life.",
    "I completely understand. Give it time, and be patient with yourself.",
)
"""Sympathy that would fit any message; written for this file."""


@dataclass(frozen=True)
class _Reply:
    """One assistant turn that counts as genuine, and where it stands."""

    row: Mapping[str, Any]
    index: int

    @property
    def text(self) -> str:
        return self.row["messages"][self.index]["content"]

    @property
    def mode(self) -> int | None:
        return self.row["persona_mode"][self.index] if self.row.get("persona_mode") else None


def contrastive_rows(
    rows: Iterable[Mapping[str, Any]],
    *,
    seed: int = 0,
    a_conversation: int = 1,
    stock: float = 0.25,
    unrated: bool = False,
    candidates: int = 8,
) -> Iterator[dict[str, Any]]:
    """
    Pairs of rows that differ in their last message alone.

    The simulated reply is an assistant's reply from another group (person or thread), of the same labelled persona
    mode where there is one, the nearest in length of a few drawn at random, so that neither subject area nor length
    gives it away; or, in a share of pairs, a stock phrase.

    Call it on each side of a split by itself: a reply is borrowed from anywhere in `rows`. Both rows of a pair keep
    the `group` of the conversation whose context they have.

    Args:
        rows: of the schema.
        seed: of every draw. The same rows and seed give the same pairs.
        a_conversation: pairs from each conversation, at most; at least 1.
        stock: share of pairs whose simulated reply is one of `STOCK_REPLIES`, in [0, 1].
        unrated: also take replies whose `genuine` nobody rated (in corpora of real conversations) to fit their
            context. Replies rated below 0.5, and those marked `learn: false`, never count as genuine.
        candidates: replies drawn to choose the nearest in length from, at least 1.

    Yields:
        rows with ids `ID#TURN:genuine` and `ID#TURN:simulated` (in turn), source `SOURCE_contrast`, a `genuine` label
        of 1 or 0 on the last turn and no other label, and `learn` False: the heads learn from them, the language
        model does not. Contexts without a fitting other reply give no pair.

    Raises:
        ValueError: an option out of range.
    """
    if a_conversation < 1 or candidates < 1 or not 0.0 <= stock <= 1.0:
        raise ValueError(
            f"a_conversation {a_conversation} and candidates {candidates} must be at least 1, stock {stock} in [0, 1]"
        )
    draw = random.Random(seed)
    replies = [_Reply(row, index) for row in rows for index in _genuine_turns(row, unrated)]
    by_mode: dict[int | None, list[_Reply]] = {}
    by_row: dict[int, list[_Reply]] = {}
    for reply in replies:
        by_mode.setdefault(reply.mode, []).append(reply)
        by_row.setdefault(id(reply.row), []).append(reply)
    for own in by_row.values():
        for reply in sorted(draw.sample(own, min(a_conversation, len(own))), key=lambda one: one.index):
            if draw.random() < stock:
                other, licence = draw.choice(STOCK_REPLIES), None
            else:
                found = _mismatch(reply, by_mode[reply.mode], candidates, draw)
                if found is None:
                    continue
                other, licence = found.text, found.row.get("licence")
            yield from _pair(reply, other, licence)


def pair_of(row_id: str) -> tuple[str, str] | None:
    """The pair that a contrastive row belongs to and its side (`genuine` or `simulated`); `None` for other rows."""
    pair, _, kind = row_id.rpartition(":")
    return (pair, kind) if pair and kind in (GENUINE, SIMULATED) else None


def _genuine_turns(row: Mapping[str, Any], unrated: bool) -> list[int]:
    """Assistant turns with something before them that count as made for their context."""
    rated, learn = row.get("genuine"), row.get("learn")
    turns = []
    for index, message in enumerate(row["messages"]):
        value = rated[index][0] if rated and rated[index] is not None else None
        fits = unrated if value is None else value >= 0.5
        taught = learn is None or learn[index] is not False
        answers = index > 0 and row["messages"][index - 1]["role"] == "user"
        if message["role"] == "assistant" and answers and fits and taught:
            turns.append(index)
    return turns


def _mismatch(reply: _Reply, pool: list[_Reply], candidates: int, draw: random.Random) -> _Reply | None:
    """The nearest in length of a few replies from other groups."""
    drawn: list[_Reply] = []
    for _ in range(4 * candidates):  # most of the pool is from other groups: a few draws are refused
        other = draw.choice(pool)
        if other.row["group"] != reply.row["group"] and other.text.strip() != reply.text.strip():
            drawn.append(other)
            if len(drawn) == candidates:
                break
    return min(drawn, key=lambda other: abs(len(other.text) - len(reply.text)), default=None)


def _pair(reply: _Reply, other: str, licence: str | None) -> Iterator[dict[str, Any]]:
    row, index = reply.row, reply.index
    context, own = row["messages"][:index], row["licence"]
    joint = own if licence in (None, own) else f"{own} and {licence}"
    for kind, text, terms in ((GENUINE, reply.text, own), (SIMULATED, other, joint)):
        yield conversation(
            [*context, {"role": "assistant", "content": text}],
            id=f"{row['id']}#{index}:{kind}",
            source=row["source"] + SUFFIX,
            licence=terms,
            group=row["group"],
            learn=False,
            genuine=[None] * index + [float(kind == GENUINE)],
        )
