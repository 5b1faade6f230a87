"""An interview as a dialogue: who asks and who answers, and where one topic ends and the next begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pixel.voice.conversations.turns import BREAK, Turn

LEAST_SHARE = 0.1
"""Of the words; with less than that beside them, one speaker gives a talk."""
VOICES = ("auto", "answers", "asks")
ASKING_KINDS = ("therapy", "counselling", "coaching")
"""Kinds of recording in which the voice to learn is the one who asks."""


class Speaking(NamedTuple):
    """How one person takes part: turns, words, share of turns with a question, median words a turn."""

    turns: int
    words: int
    question_share: float
    median_words: float


class Roles(NamedTuple):
    """
    Attributes:
        voice: speaker whose words the assistant learns.
        asks: speaker who asks; `None` where one person gives a talk.
        margin: how clear that is: difference of the question shares, in [0, 1].
    """

    voice: str
    asks: str | None
    margin: float


@dataclass(frozen=True)
class Spoken:
    """A message with its place: `role` (`user` or `assistant`), `text`, seconds, ids of its segments."""

    role: str
    text: str
    start: float
    end: float
    segments: tuple[str, ...] = ()

    def as_message(self) -> dict[str, str]:
        """`{"role", "content"}`."""
        return {"role": self.role, "content": self.text}


def speaking(turns: Sequence[Turn]) -> dict[str, Speaking]:
    """How each speaker takes part, in order of appearance."""
    own: dict[str, list[Turn]] = {}
    for turn in turns:
        own.setdefault(turn.speaker, []).append(turn)
    return {
        name: Speaking(
            len(said),
            sum(turn.words for turn in said),
            sum(turn.asks for turn in said) / len(said),
            float(np.median([turn.words for turn in said])),
        )
        for name, said in own.items()
    }


def find_roles(turns: Sequence[Turn], voice: str = "answers") -> Roles | None:
    """
    Who asks, and whose voice is learnt.

    The two who say most are compared: the one with the larger share of turns with a question asks; where the shares
    are equal, the one with the shorter turns. If the second says less than `LEAST_SHARE` of the words, it is a talk.

    Args:
        turns: of one file.
        voice: `answers` (a guest), `asks` (a therapist), or a speaker's name.

    Returns:
        `None` where the named speaker is not there, or nobody speaks.
    """
    parts = speaking(turns)
    if not parts or voice not in (*VOICES, *parts):
        return None
    order = sorted(parts, key=lambda name: (-parts[name].words, name))
    total = sum(part.words for part in parts.values())
    if len(order) < 2 or parts[order[1]].words < LEAST_SHARE * total:
        return Roles(voice if voice in parts else order[0], None, 0.0)
    one, two = order[:2]
    key = {name: (parts[name].question_share, -parts[name].median_words) for name in (one, two)}
    asks = max((one, two), key=lambda name: key[name])
    chosen = {"asks": asks}.get(voice, two if asks == one else one) if voice in VOICES else voice
    return Roles(chosen, asks, abs(key[one][0] - key[two][0]))


def voice_of(wanted: str, facts: dict) -> str:
    """`auto` by what the source says of its kind (`therapy`: the one who asks is learnt; else the one who answers)."""
    kind = str(facts.get("kind") or facts.get("format") or "").lower()
    return ("asks" if kind in ASKING_KINDS else "answers") if wanted == "auto" else wanted


def as_dialogue(turns: Sequence[Turn], voice: str) -> list[list[Spoken]]:
    """
    Stretches of alternating messages, each from a user's to an assistant's; longer silences than `BREAK` part them.

    Turns of one role that follow each other are joined; what stands before the first question and after the last
    answer is left out.
    """
    stretches: list[list[Spoken]] = [[]]
    for turn in turns:
        role = "assistant" if turn.speaker == voice else "user"
        stretch = stretches[-1]
        if stretch and turn.start - stretch[-1].end > BREAK:
            stretches.append(stretch := [])
        if stretch and stretch[-1].role == role:
            last = stretch.pop()
            turn = Turn("", last.start, max(last.end, turn.end), f"{last.text} {turn.text}",
                        last.segments + turn.segments)  # fmt: skip
        stretch.append(Spoken(role, turn.text, turn.start, turn.end, turn.segments))
    out = []
    for stretch in stretches:
        stretch = stretch[1:] if stretch and stretch[0].role == "assistant" else stretch
        stretch = stretch[:-1] if stretch and stretch[-1].role == "user" else stretch
        if stretch:
            out.append(stretch)
    return out


def topic_windows(stretch: Sequence[Spoken], encoder, most: int = 8) -> list[list[Spoken]]:
    """
    Cut a stretch into conversations of at most `most` messages, where neighbouring exchanges are least alike.

    Args:
        stretch: alternating, from a user's message to an assistant's.
        encoder: with `encode(texts) -> [n, size]`, each of length 1.
        most: messages, at least 2; an odd number counts as the even one below.

    Returns:
        windows in order that together are the stretch.
    """
    exchanges = [list(stretch[place : place + 2]) for place in range(0, len(stretch), 2)]
    limit = max(1, most // 2)
    if len(exchanges) <= limit:
        return [list(stretch)] if stretch else []
    vectors = np.asarray(encoder.encode([" ".join(one.text for one in pair) for pair in exchanges]))
    alike = (vectors[1:] * vectors[:-1]).sum(1)  # [exchanges - 1], before exchange 1, 2, ...
    out, start = [], 0
    while len(exchanges) - start > limit:
        first = start + max(1, (limit + 1) // 2)
        end = min(range(first, start + limit + 1), key=lambda place: alike[place - 1])
        out.append([one for pair in exchanges[start:end] for one in pair])
        start = end
    out.append([one for pair in exchanges[start:] for one in pair])
    return out
