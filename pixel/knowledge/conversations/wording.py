"""Small tools for putting sentences together: slots, capitals, joins, lengths of time, words to quote."""

import re
from collections.abc import Mapping

_NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
)
_SLOT = re.compile(r"\{(\w+)\}")
_KEEP = re.compile(r"(?:I|I['’]\w+|Mum|Dad|Christmas|Easter|God|Sundays?|Saturdays?|Fridays?|Thursdays?|Mondays?)\b")
_ADDRESS = re.compile(r",\s+(?:doctor|doc|miss|love|dear|sir|mate|pal|son)(?=[,.?!])", re.I)
_CLAUSES = re.compile(r"[.;:!?]|, (?=and |but |so |then |when |like |it's |I )")


def capital(text: str) -> str:
    """First letter upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """First letter lower case, unless the sentence begins with `I`, a name of a day or a feast, or a quotation."""
    return text if _KEEP.match(text) or not text[:1].isalpha() or text[:2].isupper() else text[:1].lower() + text[1:]


def slots(text: str) -> set[str]:
    """Names of the slots in a text, in lower case."""
    return {name.lower() for name in _SLOT.findall(text)}


def fill(text: str, values: Mapping[str, str]) -> str:
    """
    A text with its slots filled; `{Goal}` takes `goal` with a capital.

    Raises:
        KeyError: a slot that nobody can fill.

    Example:
        >>> fill("{Goal}, that is all: {goal}.", {"goal": "sleeping well"})
        'Sleeping well, that is all: sleeping well.'
    """

    def value(match: re.Match) -> str:
        name = match[1]
        return capital(values[name.lower()]) if name[:1].isupper() else values[name]

    return _SLOT.sub(value, text)


def join(*parts: str | None) -> str:
    """
    Sentences one after another, with single blanks; after a comma the next goes on in lower case, after a colon too.

    Example:
        >>> join("And", "My wife says so.", None, "That's all.")
        'And my wife says so. That\\'s all.'
    """
    out = ""
    for part in parts:
        if part := (part or "").strip():
            goes_on = bool(out) and out[-1] not in ".?!…)”"
            out = f"{out} {small(part)}" if goes_on else f"{out} {capital(part)}".strip()
    return out


def without_address(text: str) -> str:
    """A sentence without a form of address such as 'doctor': nobody here is one."""
    return _ADDRESS.sub(lambda match: "", text)


_SHORT = tuple(
    (re.compile(rf"\b{long}(?= \w)"), short)
    for long, short in (
        ("Let us", "Let's"), ("let us", "let's"), ("do not", "don't"), ("does not", "doesn't"), ("did not", "didn't"),
        ("cannot", "can't"), ("would not", "wouldn't"), ("need not", "needn't"), ("It is", "It's"),
        ("There is", "There's"), ("You are", "You're"), 
        ("I would", "I'd"), ("I will", "I'll"), ("we will", "we'll"), ("You have", "You've"), ("We are", "We're"),
        ("is not", "isn't"), ("You would", "You'd"), ("I am", "I'm"), ("you have been", "you've been"),
    )
)  # fmt: skip


def contracted(text: str) -> str:
    """
    A sentence as it is spoken.

    Example:
        >>> contracted("Let us see what you do not like.")
        "Let's see what you don't like."
    """
    for pattern, short in _SHORT:
        text = pattern.sub(short, text)
    return text


def span(days: float) -> str:
    """
    A length of time in words.

    Example:
        >>> [span(days) for days in (9, 16, 95, 800)]
        ['nine days', 'two weeks', 'three months', 'two years']
    """
    sizes = ((365, "year"), (30, "month"), (7, "week"), (1, "day"))
    size, unit = next((one for one in sizes if days >= 1.9 * one[0]), sizes[-1])
    count = max(1, round(days / size))
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{number} {unit}{'s' if count > 1 else ''}"


def quotable(text: str) -> str | None:
    """
    A few of somebody's own words that can stand between quotation marks: the longest clause of 3 to 9 words.

    Example:
        >>> quotable("I've been so low these past weeks, it's like a grey lid over everything.")
        "it's like a grey lid over everything"
    """
    clauses = [part.strip(" ,“”\"'") for part in _CLAUSES.split(text)]
    fitting = [part for part in clauses if 3 <= len(part.split()) <= 9 and "“" not in part and "(" not in part]
    for word in ("and ", "but ", "so ", "then "):
        fitting = [part.removeprefix(word) for part in fitting]
    return max(fitting, key=len, default=None)
