"""Fixed phrases found in free text: whole words, contractions written out, and not if they are negated."""

import re
import unicodedata
from collections.abc import Iterable

_PLAIN = str.maketrans({"\u2019": "'", "\u2018": "'", "`": "'", "\u00b4": "'", "-": " ", "\u2013": " ", "\u2014": ","})
_WRITTEN_OUT = [
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\bcan'?t\b|\bcan not\b", "cannot"), (r"\bwon't\b", "will not"),
        (r"\b(do|does|did|have|has|is|are|was|were)nt\b", r"\1 not"),
        (r"n't\b", " not"), (r"'ve\b", " have"), (r"'m\b", " am"), (r"'re\b", " are"), (r"'ll\b", " will"),
        (r"'d\b", " would"), (r"\b(?:i'?m|im)\b", "i am"),
    )
]  # fmt: skip
_CLAUSE = re.compile(r"[.,;:!?()\n|]| but | though | although ")
_NEGATORS = frozenset(("not", "no", "never", "without", "cannot", "nobody", "none", "neither", "nor", "hardly"))
NEGATION_WORDS = 3
"""How many words before a phrase, in its clause, a negation reaches."""


def written_out(text: str) -> str:
    """Lower case, plain quotes, contractions written out, hyphens as spaces, one space between words."""
    text = unicodedata.normalize("NFKC", text).translate(_PLAIN).lower()
    for pattern, words in _WRITTEN_OUT:
        text = pattern.sub(words, text)
    return re.sub(r"[^\S\n]+", " ", text)


class Phrases:
    """
    A list of phrases to look for.

    Args:
        phrases: plain words in lower case, contractions written out; none is empty.
        denial: the phrases say a denial themselves, so a negation before them changes nothing.

    Example:
        >>> Phrases(["a plan"]).found("I have a plan."), Phrases(["a plan"]).found("I don't have a plan.")
        (['a plan'], [])
    """

    def __init__(self, phrases: Iterable[str], denial: bool = False):
        wanted = sorted({written_out(phrase).strip() for phrase in phrases}, key=len, reverse=True)
        self.denial = denial
        self._pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, wanted))})\b") if wanted else None

    def found(self, text: str, *, ready: bool = False) -> list[str]:
        """
        The phrases that stand in a text, in reading order.

        Args:
            text: any text.
            ready: it was written out (`written_out`) already.
        """
        if self._pattern is None:
            return []
        text = text if ready else written_out(text)
        return [m[0] for m in self._pattern.finditer(text) if self.denial or not _negated(text, m.start())]


def _negated(text: str, start: int) -> bool:
    clause = _CLAUSE.split(text[max(0, start - 80) : start])[-1]
    return any(word in _NEGATORS for word in clause.split()[-NEGATION_WORDS:])
