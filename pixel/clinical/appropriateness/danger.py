"""Cues of danger in what a client says: enough to know whether a reply has something to take up."""

import re

from pixel.clinical.appropriateness.rule import plain

_CUES = {
    "dying": r"\b(?:suicid\w*|kill(?:ing)? (?:my ?self|me\b)|end(?:ing)? (?:it all|my life|everything)"
    r"|tak(?:e|ing) my (?:own )?life|want(?:ed)? to die|wish i (?:was|were) dead|better off (?:dead|without me)"
    r"|(?:not|n't) want to (?:be here|live|wake|exist|be alive)|rather be dead|never wake"
    r"|no (?:reason|point) (?:in |to )?(?:living|going on|live|go on)|goodbye (?:letters?|notes?))\b",
    "means": r"\b(?:pills|tablets|overdos\w*|rope|noose|gun|bridge|razor|blades?|hang(?:ing)? my ?self"
    r"|jump(?:ing)? off)\b",
    "harm": r"\b(?:cut(?:ting)? (?:my ?self|deeper|again)|(?:hurt|harm|burn)(?:ing)? my ?self)\b",
    "others": r"\b(?:kill|hurt|stab|shoot|strangle)\w* (?:him|her|them|you|us|my|the|people)\b",
    "abuse": r"\b(?:hit|hits|beat|beats|chok\w+|rap(?:e|ed)|touch(?:es|ed)|threat\w+|molest\w*|locks?) (?:me|us)\b"
    r"|\bkill me if\b",
}
_CALM = re.compile(
    r"\b(?:not|n't|never) (?:\w+ ){0,2}(?:suicidal|kill myself|hurt myself|want to die)\b"
    r"|\b(?:killing me|dying (?:to|of (?:laughter|boredom|heat|hunger|embarrassment))"
    r"|died (?:laughing|of embarrassment)"
    r"|dead (?:tired|serious|to me|line)|kill for|to die for|killer|murder a|phone (?:died|is dead)|battery"
    r"|shoot me an?|could (?:just )?die of|kill time|killed it|drop[- ]dead gorgeous|die-?hard|deadline"
    r"|before i (?:actually |literally )?die)\b"
)
_PATTERNS = [re.compile(pattern) for pattern in _CUES.values()]
COUNT = len(_PATTERNS) + 1


def danger_cues(text: str) -> list[float]:
    """1 or 0 a kind of danger, and last whether an idiom or a denial is there."""
    said = plain(text)
    return [float(bool(pattern.search(said))) for pattern in _PATTERNS] + [float(bool(_CALM.search(said)))]


def is_idiom(text: str) -> bool:
    """Whether the only talk of dying or killing is a figure of speech or a denial."""
    said = plain(text)
    if not _CALM.search(said):
        return False
    rest = _CALM.sub(" ", said)
    return not any(pattern.search(rest) for pattern in _PATTERNS)
