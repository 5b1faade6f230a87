"""Slips that templates leave behind: open slots, "a" before a vowel, doubled words, stray punctuation."""

import re
from collections.abc import Mapping
from typing import Any

from pixel.knowledge.quality.defect import Defect, turns

_SLOT = re.compile(
    r"[{}]|\$\w+\$|<[a-z_]+>|\[(?:[A-Z][A-Z_ ]+|[a-z]+_[a-z_]+|name|insert\b[^\]]*)\]|%\(?\w+\)s|__\w+__"
    r"|\bNone\b(?=[.,]| was| is)|\bnan\b"
)
_A_VOWEL = re.compile(
    r"\b[Aa] (?=[aeiou])"
    r"(?!eu|ew|one\b|once\b|one-|uni(?!n[a-z]|m[a-z])|use|usu|usa|ut[ei]|ur[io]|ub[io]|uv|uk|ufo"
    r"|and\b|or\b|is\b|in\b|as\b|of\b|at\b|are\b|a\b|if\b|on\b|into\b)"
)
_AN_CONSONANT = re.compile(
    r"\b[Aa]n (?:[bcdfgjklmnpqrtvwyz][a-z]|s[a-z]|h(?!our|onest|onou?r|eir)[a-z]|eu|uni(?!n[a-z]|m[a-z])|one\b|once\b"
    r"|use(?!d to\b)|usual)"
)
_PATTERNS = (
    ("open_slot", _SLOT, "a slot was not filled"),
    ("article", _A_VOWEL, "'a' stands before a vowel"),
    ("article", _AN_CONSONANT, "'an' stands before a consonant"),
    ("doubled_word", re.compile(r"\b(the|a|an|of|to|and|in|is|it|my|your|for|with|i|we|you|was|but) \1\b", re.I),
     "a word stands twice"),
    ("punctuation", re.compile(r"[,;:]\s*[.,;:?!]|(?<!\.)\.\.(?!\.)|\?\.|!\.|[?!]{4,}"), "punctuation marks collide"),
    ("punctuation", re.compile(r"\w [,.;:?!](?=\s|$)"), "there is a blank before a punctuation mark"),
    ("punctuation", re.compile(r"[a-z]{2}[,;?!][A-Za-z]{2}|[a-z]{2}\.[A-Z][a-z]"), "a blank is missing after a mark"),
    ("blanks", re.compile(r"(?<=\S)  +(?=\S)|^\s|\s$"), "there are stray blanks"),
    ("lower_case_start", re.compile(r"(?<![.…])(?<!e\.g)(?<!i\.e)(?<!etc)[.?!] (?!e\.g|i\.e)[a-z]{2}"),
     "a sentence starts in lower case"),
    ("unfinished", re.compile(r"(?:[a-z,;:(]|\b(?:and|or|but|the|a)[.?!])$"), "the turn ends in mid-sentence"),
)  # fmt: skip


def slips(conversation: Mapping[str, Any], client_too: bool = True) -> list[Defect]:
    """
    Slips of the pen, at most one of a kind a turn.

    Args:
        conversation: with `messages`.
        client_too: people write carelessly; turn this off where the client's turns are real.

    Returns:
        defects of the kinds `open_slot`, `article`, `doubled_word`, `punctuation`, `blanks`, `lower_case_start`,
        `unfinished`.
    """
    found = []
    for index, text in turns(conversation, None if client_too else "assistant"):
        kinds = set()
        for kind, pattern, reason in _PATTERNS:
            if kind not in kinds and pattern.search(text):
                kinds.add(kind)
                found.append(Defect(kind, index, reason))
    return found
