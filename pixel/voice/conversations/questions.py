"""The user's side of a talk: the question that the talk itself poses, or one that a model writes and a check keeps."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from pixel.voice.conversations.monologue import Passage

POSED_WORDS = 5
"""Fewer words ("Right?", "Why is that?") are rhetoric, or no question without what came before."""
WRITTEN_WORDS = (4, 35)
ANSWER_WORDS = 25
"""Fewer words do not answer a question that stood in front of them."""
LEAST_ALIKE = 0.3
"""Cosine of question and passage below which they do not belong together, however they rank: a talk may be short.
Of 300 answers on CounselChat .04 lie below it beside their own question, .82 beside another one."""
LONGEST_COPY = 6
"""Words in a row from the passage that a question may not have."""
TRIES, MOST_TOKENS = 4, 48
ASK = '"{passage}"\n\nWhich question did this person answer? Write only the question, with "you".'
EXAMPLES = (
    ("I started when I was nine. My uncle had a piano in his kitchen, and whenever we visited I would sit there until "
     "somebody carried me off. A teacher came later, and she made me count aloud.",
     "How did you first learn to play the piano?"),
    ("Well, the trouble with a strict budget is that it breaks at the first birthday. We put a small sum aside every "
     "week for whatever comes, and since then we hardly quarrel about money.",
     "What has helped you to argue less about money?"),
)  # fmt: skip
_WORDS = re.compile(r"\w+(?:['’]\w+)*")
_MARKS = "\"'“”‘’*#-: "
_ABOUT = re.compile(
    r"\b(?:(?:this|the|that) (?:passage|text|question|answer|statement|author|speaker|person|sentence|story|quote)\b"
    r"|you(?:'re| are) (?:given|asked)|provided|rephrase|an? AI\b)", re.I
)  # fmt: skip
"""How a model speaks about its task instead of to the speaker."""


class Writer(Protocol):
    """A language model that writes: `write(messages, count, seed, most_tokens)` gives `count` candidates."""

    name: str

    def write(self, messages: Sequence[dict], count: int, seed: int, most_tokens: int = 60) -> list[str]: ...


@dataclass(frozen=True)
class Asked:
    """
    A passage with its question.

    Attributes:
        question: the user's turn.
        answer: the passage, without the question where that stood in it.
        origin: `posed` (the talk's own words) or `written` (a model's).
        alike: cosine of question and answer; of several that could stand the most alike was taken.
    """

    question: str
    answer: Passage
    origin: str
    alike: float


@dataclass
class Yield:
    """
    Attributes:
        asked: passages that got a question, in order.
        passages: how many there were.
        reasons: why candidates were not kept, by reason.
        candidates: different written ones that were looked at.
    """

    asked: list[Asked] = field(default_factory=list)
    passages: int = 0
    reasons: Counter = field(default_factory=Counter)
    candidates: int = 0

    @property
    def share(self) -> float | None:
        """Passages with a question, in [0, 1]."""
        return len(self.asked) / self.passages if self.passages else None


def ask(
    given: Sequence[Passage], encoder, writer: Writer | None = None, *, tries: int = TRIES, seed: int = 0
) -> Yield:
    """
    Give each passage of one talk a question that it answers, or leave it out.

    Args:
        given: all passages of the talk: each is a distractor for the others' questions.
        encoder: with `encode(texts) -> [n, size]`, each of length 1.
        writer: writes questions where the talk poses none; without it such passages are left out.
        tries: candidates a passage.
        seed: of the candidates.
    """
    found = Yield(passages=len(given))
    if not given:
        return found
    posed = [_posed(one) for one in given]
    answers = [rest if rest is not None else one for one, (_, rest) in zip(given, posed, strict=True)]
    vectors = np.asarray(encoder.encode([one.text for one in answers]))
    whole = np.asarray(encoder.encode([one.text for one in given]))
    for place, passage in enumerate(given):
        question, rest = posed[place]
        if question:
            reason, alike = why_not(question, place, rest.text, vectors, encoder, written=False)
            if reason is None:
                found.asked.append(Asked(question, rest, "posed", alike))
                continue
            found.reasons[f"posed: {reason}"] += 1
        if writer is None:
            found.reasons["no writer"] += question is None
            continue
        others = vectors.copy()
        others[place] = whole[place]
        good: list[tuple[float, str]] = []
        for text in dict.fromkeys(map(tidy, writer.write(prompt_for(passage.text), tries, seed + place, MOST_TOKENS))):
            found.candidates += 1
            reason, alike = why_not(text, place, passage.text, others, encoder)
            if reason is None:
                good.append((alike, text))
            else:
                found.reasons[f"written: {reason}"] += 1
        if good:
            alike, text = max(good)
            found.asked.append(Asked(text, passage, "written", alike))
    return found


def prompt_for(passage: str) -> list[dict[str, str]]:
    """Messages that ask a model for the question before a passage, with two examples."""
    messages = []
    for answer, question in EXAMPLES:
        messages += [
            {"role": "user", "content": ASK.format(passage=answer)},
            {"role": "assistant", "content": question},
        ]
    return [*messages, {"role": "user", "content": ASK.format(passage=passage)}]


def why_not(
    question: str, place: int, passage: str, vectors: np.ndarray, encoder, *, written: bool = True
) -> tuple[str | None, float]:
    """
    Why a question cannot stand before its passage, or `None`; and the cosine of the two.

    It has to be a question and to find its own passage first among all of the talk's. One that was written for the
    passage has to be single, of some length, put to the speaker, names nobody and nothing that the passage does not,
    and copies no run of `LONGEST_COPY` words.

    Args:
        question: one candidate.
        place: of its passage.
        passage: its words.
        vectors: `[passages, size]`, of all passages.
        encoder: as in `ask`.
        written: whether a model wrote it; a posed one may be longer and speak to the listener as it likes.
    """
    words = _words(question)
    if not question.endswith("?"):
        return "no question", 0.0
    if written and not WRITTEN_WORDS[0] <= len(words) <= WRITTEN_WORDS[1]:
        return "length", 0.0
    if written and (question.count("?") > 1 or _ABOUT.search(question)):
        return "about the task, or several questions", 0.0
    if written and not _named(question) <= set(_words(passage)):
        return "names what the passage does not", 0.0
    if written and _copies(words, _words(passage)):
        return "copied", 0.0
    alike = vectors @ np.asarray(encoder.encode([question]))[0]
    own = float(alike[place])
    if own < LEAST_ALIKE:
        return "unlike its passage", own
    if int(alike.argmax()) != place:
        return "finds another passage", own
    return None, own


def tidy(text: str) -> str:
    """
    A model's answer as a question: its first line that holds a question mark, up to the last one, without quotes.

    Example:
        >>> tidy('Question: "How did you start?" It is about beginnings.')
        'How did you start?'
    """
    line = next((line for line in text.splitlines() if "?" in line), "")
    line = re.sub(r"^\W*(?:\d+[.)]\s*)?(?:(?:question|q|user)\s*\d*\s*[:.)]\s*)?", "", line, flags=re.I)
    return " ".join(line[: line.rfind("?") + 1].strip(_MARKS).split())


def _posed(passage: Passage) -> tuple[str | None, Passage | None]:
    """The question among the first two sentences that the rest may answer, and that rest."""
    for place, sentence in enumerate(passage.sentences[:2]):
        rest = passage.sentences[place + 1 :]
        if sentence.text.endswith("?") and sentence.words >= POSED_WORDS:
            if sum(one.words for one in rest) >= ANSWER_WORDS:
                before = " ".join(one.text for one in passage.sentences[:place])
                return f"{before} {sentence.text}".strip(), replace(passage, sentences=rest)
    return None, None


def _named(question: str) -> set[str]:
    """Names and numbers of a question, small: words with a capital or a digit behind the first; not `I`."""
    words = [word for word in _WORDS.findall(question)[1:] if word[0].isupper() or any(map(str.isdigit, word))]
    return {word.lower() for word in words if not re.fullmatch(r"I(?:['’]\w+)?", word)}


def _words(text: str) -> list[str]:
    return _WORDS.findall(text.lower())


def _copies(question: Sequence[str], passage: Sequence[str]) -> bool:
    """Whether a run of `LONGEST_COPY` words stands in both."""
    size = LONGEST_COPY
    runs = {tuple(passage[place : place + size]) for place in range(len(passage) - size + 1)}
    return any(tuple(question[place : place + size]) in runs for place in range(len(question) - size + 1))
