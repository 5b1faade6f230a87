"""Communication style: hedging, directness, politeness, formality, pronouns and small words, counted per 100 words."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

from pixel.voice.personality.marker import Marker
from pixel.voice.personality.words import words

LISTS = Path(__file__).with_name("style.yaml")


@cache
def _lists() -> dict[str, dict]:
    return yaml.safe_load(LISTS.read_text(encoding="utf-8"))


@cache
def _pattern(name: str) -> re.Pattern:
    return listed(_lists()[name]["words"])


def listed(entries: Iterable[str]) -> re.Pattern:
    """
    Finds whole words and runs of words, the longest first, in words joined by blanks; `*` before an ending means any
    stem, `*` behind a stem any ending.

    Example:
        >>> listed(["sort of", "*n't", "of"]).findall("i don't sort of see of")
        ["don't", 'sort of', 'of']
    """
    entries = sorted({entry.lower() for entry in entries}, key=len, reverse=True)
    parts = [re.escape(entry).replace(r"\*", r"[^ ]+") for entry in entries]
    return re.compile(rf"(?<![^ ])(?:{'|'.join(parts)})(?![^ ])")


MARKERS = {
    name: Marker(name, entry["label"], entry["low"], entry["high"], " per 100 words", digits=2)
    for name, entry in _lists().items()
}


def measure(text: str) -> dict[str, float | None]:
    """
    Counts per 100 words of every list in `style.yaml`; a run of words counts once. `None` without words.

    Counts are counts: they say which words were used, not what was meant.
    """
    said = words(text)
    if not said:
        return dict.fromkeys(MARKERS)
    line = " ".join(said)
    return {name: 100 * len(_pattern(name).findall(line)) / len(said) for name in _lists()}
