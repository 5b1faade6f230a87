"""Raw messages made ready to be read: control characters out, lower case, sentences, windows for long ones."""

import re
import unicodedata
from dataclasses import dataclass

MAX_CHARACTERS = 100_000
"""Longer messages are read up to here: beginning and end, half each."""

WINDOW_WORDS = 160
"""Words a window: what the sentence encoder reads whole, and about the length of a forum post."""

_PLAIN = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "—": ", ", "–": "-", "…": "...", "\u00a0": " "})  # fmt: skip  # noqa: E501
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")  # control, format, surrogates, private, unassigned
_SPLIT = re.compile(r"(?<=[.!?])[\s\"')]+|\n+|(?<=[a-z)])  (?=[A-Z])")
_SPELLINGS = [
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"\bsu[i1!*]c[i1!*]d", "suicid"), (r"\bs[*_.]+c[i1]?de\b", "suicide"), (r"\bsewer\s?slid", "suicid"),
        (r"\bk[i1!*]ll\b", "kill"), (r"\bk\*+\b", "kill"), (r"\bkms\b", "kill myself"),
        (r"\bkms(?=ing)", "kill myself"),
        (r"\bun-?al[i1]v", "unaliv"), (r"\bmy self\b", "myself"), (r"\bmyslef|myswlf|mysekf|myselv\b", "myself"),
        (r"\bwnana|wana|wannna\b", "wanna"), (r"\bsucic?id", "suicid"), (r"\bgunna\b", "gonna"), (r"\bsl\*t", "slit"),
        (r"\bcan not\b", "cannot"), (r"\btryed\b", "tried"), (r"\bfvck|f\*+ck\b", "fuck"), (r"\btn\b", "tonight"),
        (r"\bi m\b", "i'm"), (r"\bim gonna\b", "i'm gonna"), (r"\bdont\b", "don't"), (r"\bcant\b", "can't"),
        (r"\bwont\b", "won't"), (r"\bdidnt\b", "didn't"), (r"\bwouldnt\b", "wouldn't"), (r"\bhavent\b", "haven't"),
        (r"\bisnt\b", "isn't"), (r"\bive\b", "i've"), (r"\bcouldnt\b", "couldn't"), (r"\bdoesnt\b", "doesn't"),
    )
]  # fmt: skip


@dataclass(frozen=True)
class Message:
    """
    Attributes:
        text: without control characters, white space made one; case kept. What the encoder reads.
        plain: the same in lower case with plain quotes and the commonest spellings. What patterns are matched in.
        sentences: `plain` in sentences of at most 60 words.
        windows: `text` in pieces of at most `WINDOW_WORDS` words, cut at sentences where it can be; at least one.
    """

    text: str
    plain: str
    sentences: tuple[str, ...]
    windows: tuple[str, ...]


def clean(text: str) -> str:
    """Unicode composed, control and invisible characters out, line ends kept, blanks made one, long texts cut."""
    if len(text) > MAX_CHARACTERS:
        half = MAX_CHARACTERS // 2
        text = f"{text[:half]}\n{text[-half:]}"
    text = unicodedata.normalize("NFKC", text.replace("\r", "\n"))
    text = "".join(c for c in text.replace("\t", " ") if c == "\n" or unicodedata.category(c) not in _INVISIBLE)
    return re.sub(r"[^\S\n]+", " ", re.sub(r"\s*\n\s*", "\n", text)).strip()


def plain(text: str) -> str:
    """Lower case, plain quotes, the commonest misspellings and coded spellings of forums written out."""
    text = text.translate(_PLAIN).lower()
    for pattern, written in _SPELLINGS:
        text = pattern.sub(written, text)
    return text


def sentences(text: str, longest: int = 60) -> list[str]:
    """Sentences of a cleaned text; one longer than `longest` words is cut there. A text without any has none."""
    found = []
    for sentence in _SPLIT.split(text):
        words = sentence.split()
        found += [" ".join(words[start : start + longest]) for start in range(0, len(words), longest)]
    return [sentence for sentence in found if re.search(r"\w", sentence)]


def windows(text: str, longest: int = WINDOW_WORDS) -> list[str]:
    """Pieces of whole sentences, at most `longest` words each and of about equal length; the text itself if short."""
    count = len(text.split())
    if count <= longest:
        return [text]
    goal, pieces, piece, size = count / -(-count // longest), [], [], 0
    for sentence in sentences(text, longest // 4):
        words = len(sentence.split())
        if piece and size + words > goal + longest / 8:
            pieces.append(" ".join(piece))
            piece, size = [], 0
        piece.append(sentence)
        size += words
    return [*pieces, " ".join(piece)] if piece else pieces or [text]


def prepare(text: str) -> Message:
    """All that the voices read of one message."""
    cleaned = clean(text)
    lowered = plain(cleaned)
    return Message(cleaned, lowered, tuple(sentences(lowered)), tuple(windows(cleaned)))
