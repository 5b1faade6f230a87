"""Times in a text: how long something has lasted, how old somebody is, when it began."""

import re

WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "half a": 0.5,
    "a couple of": 2, "a few": 3, "several": 4, "many": 6, "some": 3, "a dozen": 12,
}  # fmt: skip
"""Numbers as people say them; the vague ones stand for their usual middle."""
DAYS = {"hour": 1 / 24, "day": 1, "night": 1, "week": 7, "fortnight": 14, "month": 30.44, "year": 365.25,
        "decade": 3652.5}  # fmt: skip

_NUMBER = r"\d+(?:\.\d+)?|" + "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True))
_UNIT = "|".join(DAYS)
_SPAN = re.compile(
    rf"\b(?P<n>{_NUMBER})[\s-]+(?:(?:long|good|full|whole|straight|or so)\s+)?(?P<unit>{_UNIT})s?\b"
    rf"(?P<half>\s+and\s+a\s+half)?(?!\s*[- ]?(?:old|of age))",
    re.IGNORECASE,
)
_OFTEN = re.compile(r"(?:\b(?:every|each|per|once|twice|times)\s+(?:in\s+)?|/\s*)$", re.IGNORECASE)
_RATE = re.compile(r"^\s*(?:a|per|each|every|out of)\b", re.IGNORECASE)
_LIFE = re.compile(
    r"\b(?:(?:all|most of|whole|entire) (?:of )?(?:my|his|her|their) (?:adult )?life|(?:as|for) (?:long|far back) as "
    r"(?:\w+ )?can remember|since (?:(?:early|his|her|my|their) )*(?:childhood|adolescence|adulthood)|lifelong)\b",
    re.IGNORECASE,
)
_AGE = re.compile(
    rf"\b(?P<n>\d{{1,2}}|{'|'.join(sorted((w for w in WORDS if ' ' not in w), key=len, reverse=True))})"
    r"[\s-]+years?[\s-]+old\b|\b(?:aged|age of|i am|i'm|is|turned)\s+(?P<m>\d{1,2})\b(?!\s*(?:%|percent|kg|times|"
    r"hours|days|weeks|months|years(?!\s*old)))",
    re.IGNORECASE,
)
_SINCE = re.compile(
    rf"\b(?:since|from)\s+(?:the\s+)?(?:age\s+(?:of\s+)?|(?:he|she|i|they)\s+(?:was|were)\s+(?:about\s+)?)"
    rf"(?P<n>{_NUMBER})\b",
    re.IGNORECASE,
)
LIFELONG = 3652.5
"""Days that "all my life" stands for: ten years, longer than any category asks for."""


def number(word: str) -> float:
    """A number from digits or words."""
    return float(WORDS[word.lower()]) if word.lower() in WORDS else float(word)


def days_in(text: str) -> float | None:
    """
    The longest time that a text says something has lasted, in days, or `None`.

    A rate ("three nights a week", "twice a month") and an age ("six years old") are no duration.
    """
    found = [LIFELONG] if _LIFE.search(text) else []
    for match in _SPAN.finditer(text):
        if _OFTEN.search(text[: match.start()]) or _RATE.match(text[match.end() :]):
            continue
        found.append((number(match["n"]) + (0.5 if match["half"] else 0.0)) * DAYS[match["unit"].lower()])
    return max(found) if found else None


def age_in(text: str) -> float | None:
    """The first age in years that a text gives somebody, or `None`."""
    match = _AGE.search(text)
    return number(match["n"] or match["m"]) if match else None


def onset_in(text: str) -> float | None:
    """The age in years at which something began ("since she was nine"), or `None`."""
    match = _SINCE.search(text)
    return number(match["n"]) if match else None
