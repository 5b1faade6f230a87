"""Words and sentences of spoken language, the way every marker counts them."""

import re

_WORD = re.compile(r"[a-z0-9]+(?:['\-][a-z0-9]+)*", re.IGNORECASE)
_SPELT = re.compile(r"\b[A-Za-z](?:_[A-Za-z])+_?")
_END = re.compile(r"(?<=[.?!…])[\"')\]]*\s+")
_ABBREVIATION = re.compile(r"\b(?:mr|mrs|ms|dr|st|vs|etc|e\.g|i\.e|[a-z])\.$", re.IGNORECASE)
FILLERS = frozenset("um umm uh uhh er erm hm hmm mm mmm ah eh".split())
"""Sounds that Whisper leaves out and careful transcripts keep: no marker counts them, so that both can be compared."""
_FILLER = re.compile(
    rf"(?<![\w\-'])(?:{'|'.join(sorted(FILLERS, key=len, reverse=True))})(?![\w\-'])\s*,?", re.IGNORECASE
)


def plain(text: str) -> str:
    """
    Plain quotes, spelt-out names (`P_D_A_`) as one word, blanks made one, fillers gone with their comma.

    Example:
        >>> plain("Um, well, the P_D_A_ is, uh, here.  Mm-hmm.")
        'well, the PDA is, here. Mm-hmm.'
    """
    text = text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"')
    text = _FILLER.sub(" ", _SPELT.sub(lambda found: found[0].replace("_", ""), text))
    return " ".join(text.split())


def words(text: str) -> list[str]:
    """
    In small letters, contractions and hyphens kept together, fillers left out.

    Example:
        >>> words("Um, I don't know - the P_D_A_ is well-made.")
        ['i', "don't", 'know', 'the', 'pda', 'is', 'well-made']
    """
    return _WORD.findall(plain(text).lower())


def sentences(text: str) -> list[str]:
    """
    Cut after full stops, question and exclamation marks; those without a word (a filler alone) are left out.

    Example:
        >>> sentences("Um. Yes. Is Dr. Hart in?")
        ['Yes.', 'Is Dr. Hart in?']
    """
    out: list[str] = []
    for piece in _END.split(plain(text)):
        if out and _ABBREVIATION.search(out[-1]):
            out[-1] += f" {piece}"
        else:
            out.append(piece)
    return [piece.strip() for piece in out if words(piece)]
