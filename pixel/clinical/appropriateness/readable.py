"""Whether a text can be judged at all, and the pieces of a long one."""

import re
import unicodedata

WINDOW_WORDS = 45
"""Words a piece: about the length of the replies that the rules were learned from."""
MAX_CHARACTERS = 20_000
"""Longer replies are judged up to here."""

_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ENGLISH = frozenset(
    "a about all am an and any are as at be been but by can could did do does don't for from get go good had has have"
    " he help her here him his hello hi how i i'd i'll i'm i've if in is it it's just know let let's like me more my"
    " no not now of off ok okay on one or other our out please right she should so some sorry sounds stay take tell"
    " than thank thanks that that's the them then there they think this to too try up us want was we well were what"
    " when where which who why will with would yes you you're your".split()
)


def cleaned(text: str) -> str:
    """Control and invisible characters out, blanks made one, cut at `MAX_CHARACTERS`."""
    text = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS])
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") else c for c in text)
    return " ".join(text.split())


def unreadable(text: str) -> str | None:
    """
    Why a text cannot be judged: no words, or not English. `None` if it can.

    English is told by its commonest words: a text of four words and more needs one in eight to be among them; of
    letters, most have to be Latin.
    """
    words = [word.lower().replace("’", "'") for word in _WORDS.findall(text)]
    if not words:
        return "holds no words"
    letters = [c for c in text if c.isalpha()]
    if sum("LATIN" in unicodedata.name(c, "") for c in letters) < 0.7 * len(letters):
        return "is not in English"
    if len(words) >= 4 and sum(word in _ENGLISH for word in words) < len(words) / 8:
        return "does not seem to be in English"
    return None


def windows(text: str, longest: int = WINDOW_WORDS) -> list[str]:
    """Pieces of whole sentences, at most about `longest` words each; the text itself if it is short."""
    if len(text.split()) <= longest:
        return [text]
    pieces, piece, size = [], [], 0
    for sentence in re.split(r"(?<=[.!?])\s+|\n+", text):
        words = sentence.split()
        for start in range(0, len(words), longest):
            part = words[start : start + longest]
            if piece and size + len(part) > longest:
                pieces.append(" ".join(piece))
                piece, size = [], 0
            piece += part
            size += len(part)
    return [*pieces, " ".join(piece)] if piece else pieces
