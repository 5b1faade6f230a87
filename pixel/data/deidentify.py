"""
De-identification: what points at a person is replaced by a placeholder, by rule and offline.

Replaced: web addresses, e-mail addresses, user names (`u/name`, `@handle`), IP addresses, telephone numbers (those of
public helplines too), street addresses, long numbers (account, card, social security), and person names in three cases
only: after a title (`Dr. Name`), after "my name is", and where the caller gives the name (a corpus that lists its
authors does).

Not replaced: other names, places, employers, ages, dates, rare life events. A post without any of the above can
still point at its writer, so the output is de-identified by rule, not anonymous. No recall figure is claimed: none
of the corpora has human-labelled personal data. Names are not left to a small offline tagger: spaCy's
`en_core_web_sm` took mostly slang and capitals of forum posts for persons, at 4,000 words a second.

Telephone numbers are found by `phonenumbers`, the Python port of Google's libphonenumber (national numbers are read as
North American, others need their `+` prefix). The other rules are patterns. Placeholders carry no character which a
rule could match, and the rules run until nothing changes: de-identifying twice equals de-identifying once.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

PLACEHOLDERS = ("[URL]", "[EMAIL]", "[USER]", "[IP]", "[PHONE]", "[ADDRESS]", "[NUMBER]", "[NAME]")

_REST = r"[^\s<>\[\]()\"]*(?<![.,;:!?])"  # what a web address goes on with: not the sentence's own punctuation
_DOMAIN = (  # a well-known ending, or a shorter one with a path behind it
    rf"(?<![\w@.-])(?:[A-Za-z0-9-]+\.)+(?:(?:com|org|net|edu|gov|info|co\.uk|org\.uk)\b(?![\w@])(?:/{_REST})?"
    rf"|(?:io|co|ly|gg|be|me|tv|us|ca|uk|de|fr|au|to|ai|app|dev)/{_REST})"
)
_STREET = (
    "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Highway|Hwy"
)
_CAPITAL = r"[A-Z][A-Za-z'’-]+"

# What none of these triggers occurs in holds nothing for the rules: most short texts stop here.
_TRIGGER = re.compile(r"\d\d|[@/]|(?i:www)\.|\w\.[a-z]|\b(?:Mr|Mrs|Ms|Dr|Prof)\b|[Nn]ame")

_RULES = tuple(
    (re.compile(pattern), placeholder)
    for pattern, placeholder in (
        (rf"(?:(?i:https?|ftp)://|\b(?i:www)\.)\w{_REST}", "[URL]"),
        (r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+", "[EMAIL]"),
        (_DOMAIN, "[URL]"),
        (r"(?<![\w/])/?[uU]/[A-Za-z0-9_-]{3,20}(?![\w-])", "[USER]"),
        (r"(?<![\w@.])@[A-Za-z_]\w{1,30}", "[USER]"),
        (r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)", "[IP]"),
        (r"(?<![\w:])(?:[0-9a-fA-F]{1,4}:){4,7}(?::?[0-9a-fA-F]{1,4})(?![\w:])", "[IP]"),
        (rf"(?<![\w.])\d{{1,5}} (?:{_CAPITAL} ){{1,3}}(?:{_STREET})\b\.?", "[ADDRESS]"),
    )
)
_LOCAL_PHONE = re.compile(r"(?<![\w-])[2-9]\d{2}-\d{4}(?![\w-])")
_NUMBER = re.compile(
    r"(?<![\w-])(?:\d{3}-\d{2}-\d{4}|\d{4}([ -])\d{4}\1\d{4}\1\d{2,4})(?![\w-])"  # social security, card
    r"|(?<![\d.,])(?!\d0+\b)\d{7,}"  # any other, but decimals and round ones
)
_TITLED = re.compile(rf"\b(Mrs?|Ms|Dr|Prof)(\.?) {_CAPITAL}(?: {_CAPITAL})?")
_INTRODUCED = re.compile(rf"\b([Mm]y name(?:['’]s| is)) {_CAPITAL}(?: {_CAPITAL})?")


def deidentify(text: str, names: Iterable[str] = ()) -> str:
    """
    Replace what points at a person.

    Args:
        text: any text; placeholders that are already there (also a corpus's own `[NAME]`) stay as they are.
        names: full names known to belong to people, replaced whole-word in any case.

    Returns:
        `str`: the text with placeholders of `PLACEHOLDERS`. Unchanged if nothing matched.

    Example:
        >>> deidentify("Write to ann@example.org or u/ann_1970, ask for Dr. Miller")
        'Write to [EMAIL] or [USER], ask for Dr. [NAME]'
    """
    known = _names_pattern(tuple(names)) if names else None
    if known is None and not _TRIGGER.search(text):
        return text
    # Every change turns at least one character outside a placeholder into a placeholder, so this ends.
    while (clean := _once(text, known)) != text:
        text = clean
    return text


def deidentify_row(row: Mapping[str, Any], names: Iterable[str] = ()) -> dict[str, Any]:
    """A conversation with every message de-identified; fits `datasets.Dataset.map`, with `num_proc` too."""
    messages = [{**message, "content": deidentify(message["content"], names)} for message in row["messages"]]
    return {**row, "messages": messages}


def _once(text: str, known: re.Pattern | None) -> str:
    for pattern, placeholder in _RULES:
        text = pattern.sub(placeholder, text)
    if sum(map(str.isdigit, text)) >= 7:
        text = _NUMBER.sub("[NUMBER]", _LOCAL_PHONE.sub("[PHONE]", _without_phones(text)))
    text = _INTRODUCED.sub(r"\1 [NAME]", _TITLED.sub(r"\1\2 [NAME]", text))
    return known.sub("[NAME]", text) if known else text


def _without_phones(text: str) -> str:
    from phonenumbers import PhoneNumberMatcher

    found = [(match.start, match.end) for match in PhoneNumberMatcher(text, "US")]
    for start, end in reversed(found):
        if "[" not in text[start:end]:
            text = f"{text[:start]}[PHONE]{text[end:]}"
    return text


@lru_cache(maxsize=512)
def _names_pattern(names: tuple[str, ...]) -> re.Pattern | None:
    reserved = {placeholder.strip("[]").lower() for placeholder in PLACEHOLDERS}
    words = [r"\s+".join(map(re.escape, name.split())) for name in names if len(name.strip()) > 2]
    words = [word for word in words if word.lower() not in reserved]
    return re.compile(rf"(?<![\w\[])(?:{'|'.join(words)})(?![\w\]])", re.IGNORECASE) if words else None
