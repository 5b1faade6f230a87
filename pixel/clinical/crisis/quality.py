"""When a message cannot be judged: empty, too short to tell, garbled, or not in English. Each with its reason."""

import re

from .text import Message

MIN_WORDS = 2
MIN_ENGLISH = 0.12
"""Share of common English words under which a text of eight or more words counts as foreign; of five, none at all."""

_COMMON = frozenset(
    """a about all am an and any are as at be because been but by can can't could did do does doesn't don't down even
    every feel for from get go going gonna good got had has have he her here him his how i i'd i'll i'm i've idk if im
    in into is isn't it it's its just know life like lol make me more much my myself no not now of off ok on one only
    or other our out over people really said see she so some still than that that's the their them then there they
    thing think this time to too try u up us very wanna want was we well were what when where which who why will with
    without won't would yeah yes you your never need help anymore always being day days feeling please tired
    die dead kill suicide suicidal pain end work school friends family hate love alone hurt""".split()
)
_VOWEL, _ODD = re.compile(r"[aeiouy]"), re.compile(r"[bcdfghjklmnpqrstvwxz]{5}|(.)\1{3}")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def why_not(message: Message) -> str | None:
    """
    Returns:
        `empty`, `too_short_to_tell`, `garbled`, `other_language`, or `None` for a text that can be judged. Whether a
        rule fires is not looked at here: what it says stands beside the abstention.
    """
    letters = [c for c in message.plain if c.isalpha()]
    if not letters:
        return "empty" if not message.plain.strip() else "garbled" if len(message.plain) > 3 else "too_short_to_tell"
    foreign = sum(not c.isascii() for c in letters) / len(letters)
    if foreign > 0.3:
        return "other_language"
    words = _WORD.findall(message.plain)
    common = sum(word in _COMMON for word in words)
    if len(letters) < 0.5 * len(message.plain.replace(" ", "")) and common < 2:
        return "garbled"
    if common == 0 and _looks_random(words):
        return "garbled"
    if len(words) >= 5 and common == 0 and not _looks_random(words):
        return "other_language"
    if len(words) >= 8 and common / len(words) < MIN_ENGLISH:
        return "other_language" if not _looks_random(words) else "garbled"
    if len(words) < MIN_WORDS and not message.plain.rstrip().endswith("!"):
        return "too_short_to_tell"
    return None


def _looks_random(words: list[str]) -> bool:
    """Most words are without vowels, run five consonants in a row, repeat one letter, or are longer than any word."""
    odd = sum(bool(len(word) > 24 or _ODD.search(word) or not _VOWEL.search(word)) for word in words)
    return bool(words) and odd / len(words) > 0.6
