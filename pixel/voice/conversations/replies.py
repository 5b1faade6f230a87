"""Replies in somebody's manner: candidates of a language model, the one most like the voice's fingerprint kept."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

NEAR = 0.25
"""Cosine of message and reply below which the reply is about something else; see `relevance`."""
SLACK = 0.1
"""By how much a reply may be less relevant than the most relevant candidate."""
COPIED = 8
"""Words in a row from the voice's passages that a reply may not have."""
REMEMBERED = 500
"""Words of earlier replies that a candidate is judged with; a fingerprint needs 300."""
SHOWN, SHOWN_WORDS = 3, 60
_WORDS = re.compile(r"\w+(?:['’]\w+)*")
SYSTEM = (
    "You answer in the manner of the person whose words stand below: their words, their rhythm, their way of putting "
    "things. Answer what is asked, in two to four sentences. Do not repeat what they said there.\n\n{passages}"
)


@dataclass(frozen=True)
class Reply:
    """
    Attributes:
        text: what is said.
        likeness: cosine with the voice of the replies so far with this one, `None` below 300 words.
        relevance: cosine with the message.
        candidates: how many there were, and how many of them could be chosen from.
        usable: candidates within the limits; 0: the most relevant was taken though it is not.
    """

    text: str
    likeness: float | None
    relevance: float
    candidates: int
    usable: int


@dataclass
class Voice:
    """
    Somebody's passages and fingerprint, and what was replied in their manner so far.

    Args:
        passages: what they said.
        fingerprint: with `vector(text)` that raises `ValueError` below its least number of words.
        encoder: with `encode(texts) -> [n, size]`, each of length 1.

    Raises:
        ValueError: fewer words than a fingerprint needs.
    """

    passages: Sequence[str]
    fingerprint: object
    encoder: object
    said: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.own = np.asarray(self.fingerprint.vector(" ".join(self.passages)), dtype=float)
        self.vectors = np.asarray(self.encoder.encode(list(self.passages)))
        self._runs = {run for text in self.passages for run in runs(text)}

    def nearest(self, message: str, count: int = SHOWN) -> list[str]:
        """The passages that have most to do with a message, the nearest first."""
        alike = self.vectors @ np.asarray(self.encoder.encode([message]))[0]
        return [self.passages[place] for place in np.argsort(-alike, kind="stable")[:count]]

    def copies(self, text: str) -> bool:
        """Whether a text repeats `COPIED` words in a row of the passages."""
        return not self._runs.isdisjoint(runs(text))

    def likeness(self, text: str) -> float | None:
        """Cosine of the voice with the last replies and this one together; `None` where they are too short to tell."""
        words = " ".join([*self.said, text]).split()
        kept = words[-max(REMEMBERED, len(text.split())) :]
        try:
            vector = np.asarray(self.fingerprint.vector(" ".join(kept)), dtype=float)
        except ValueError:
            return None
        return float(vector @ self.own / max(1e-12, np.linalg.norm(vector) * np.linalg.norm(self.own)))

    def reply(self, message: str, writer, *, count: int = 4, seed: int = 0, most_tokens: int = 110) -> Reply:
        """
        Answer a message.

        Candidates that copy the passages, are shorter than four words, or are about something else (`NEAR`, and more
        than `SLACK` below the most relevant) are out; of the rest the one is taken with which the replies so far are
        most like the voice, the first of equals. Until the replies have 300 words nothing can be told of likeness, and
        the first usable one is taken.

        Args:
            message: the user's.
            writer: with `write(messages, count, seed, most_tokens)`.
            count: candidates.
            seed: of the draw; the message is part of it.
            most_tokens: of a reply.
        """
        shown = [" ".join(one.split()[:SHOWN_WORDS]) for one in self.nearest(message)]
        system = SYSTEM.format(passages="\n\n".join(f'"{one}"' for one in shown))
        prompt = [{"role": "system", "content": system}, {"role": "user", "content": message}]
        drawn = int(hashlib.sha256(f"{seed} {message}".encode()).hexdigest()[:7], 16)
        texts = [whole(one) for one in writer.write(prompt, count, drawn, most_tokens)]
        return self.choose(message, texts)

    def usable(self, message: str, texts: Sequence[str]) -> tuple[list[int], np.ndarray]:
        """Places of the candidates that may be chosen, and how relevant each candidate is, float `[texts]`."""
        relevant = relevance(message, texts, self.encoder)
        floor = max(NEAR, float(relevant.max()) - SLACK)
        return [
            place
            for place, text in enumerate(texts)
            if relevant[place] >= floor and len(text.split()) > 3 and not self.copies(text)
        ], relevant

    def choose(self, message: str, texts: Sequence[str]) -> Reply:
        """The best of some candidates; it is remembered as said. Raises `ValueError` where all are empty."""
        texts = [one for one in texts if one.strip()]
        if not texts:
            raise ValueError("the writer wrote nothing. Mend: give another model, or more tokens")
        usable, relevant = self.usable(message, texts)
        if usable:
            alike = {place: self.likeness(texts[place]) for place in usable}
            known = [place for place in usable if alike[place] is not None]
            best = max(known, key=lambda place: alike[place]) if known else usable[0]
        else:
            best = int(relevant.argmax())
            alike = {best: self.likeness(texts[best])}
        self.said.append(texts[best])
        return Reply(texts[best], alike[best], float(relevant[best]), len(texts), len(usable))


def relevance(message: str, texts: Sequence[str], encoder) -> np.ndarray:
    """Float `[texts]`: cosine of each with the message."""
    vectors = np.asarray(encoder.encode([message, *texts]))
    return vectors[1:] @ vectors[0]


def runs(text: str, size: int = COPIED) -> set[tuple[str, ...]]:
    """Every run of so many words, in small letters."""
    words = _WORDS.findall(text.lower())
    return {tuple(words[place : place + size]) for place in range(len(words) - size + 1)}


def whole(text: str) -> str:
    """A candidate up to its last finished sentence; all of it where none is finished."""
    text = " ".join(text.split())
    end = max(text.rfind(mark) for mark in ".?!") + 1
    return text[:end] if end else text
