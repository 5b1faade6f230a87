"""What is known about the voice of a conversation: who (as a hash), how like itself, how it speaks, from where."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pixel.data.deidentify import deidentify

UNSTATED = "not stated"
MARKERS = 12
"""At most so many markers of each family of the profile are kept, in the order of their names."""
GROUPS = ("auto", "file", "folder", "channel", "playlist", "persona")
CHUNK = 350
"""Words of a stretch of which a fingerprint is made: the least that tells speakers apart, and a margin."""


def person_hash(*names: str) -> str:
    """
    A person's name in the dataset: 16 hexadecimal digits.

    A hash hides a name from readers, not from somebody who tries the names of a list: it is a pseudonym.
    """
    return hashlib.blake2b("\0".join(names).encode(), digest_size=8, key=b"pixel voice").hexdigest()


def people(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """
    Names that a source gives: its channel and, where every word begins with a capital, its persona and who consented.

    Example:
        >>> people({"channel": "Tea with Ann", "persona": "warm, slow", "consent": {"given_by": "Ann Hill"}})
        ('Tea with Ann', 'Ann Hill')
    """
    consent = facts.get("consent")
    given_by = consent.get("given_by") if isinstance(consent, Mapping) else None
    named = [str(one) for one in (facts.get("persona"), given_by) if one]
    named = [one for one in named if all(word[:1].isupper() for word in one.split())]
    return (*([str(facts["channel"])] if facts.get("channel") else ()), *named)


def speaker_hash(facts: Mapping[str, Any], speaker: str | None) -> str:
    """
    The hash of a speaker: one a persona, where the source names one, else one a file and speaker.

    Args:
        facts: row of `files.jsonl`.
        speaker: of the file, as diarization named it; everybody is `S1` where nobody looked, or where the source says
            that one person speaks.
    """
    if facts.get("persona"):
        return person_hash("persona", str(facts["persona"]))
    one = speaker is None or facts.get("speakers") == "monologue"
    return person_hash("voice", facts["file"], "S1" if one else speaker)


def groups_of(files: Iterable[Mapping[str, Any]], by: str = "auto") -> dict[str, str]:
    """
    Which files must be on one side of a split: a hash for each.

    Args:
        files: rows of `files.jsonl`.
        by: one of `GROUPS`. `auto`: files that share a persona or a channel, directly or through others, are one group
            (a channel may stand in slots with several personas); without either the playlist, else the file.

    Example:
        >>> rows = [{"file": "a", "channel": "C", "persona": "warm"}, {"file": "b", "channel": "C"}, {"file": "c"}]
        >>> len(set(groups_of(rows).values()))
        2
    """
    above: dict[tuple[str, str], tuple[str, str]] = {}

    def top(key: tuple[str, str]) -> tuple[str, str]:
        while above.setdefault(key, key) != key:
            key = above[key]
        return key

    keys = {str(facts["file"]): _group_keys(facts, by) for facts in files}
    for own in keys.values():
        first, *rest = sorted({top(key) for key in own})
        above.update(dict.fromkeys(rest, first))
    return {file: person_hash(*top(own[0])) for file, own in keys.items()}


def _group_keys(facts: Mapping[str, Any], by: str) -> list[tuple[str, str]]:
    folder = str(facts["file"]).rpartition("/")[0]
    known = {"file": facts["file"], "folder": folder or "."} | {name: facts.get(name) for name in GROUPS[3:]}
    order = (("persona", "channel"), ("playlist",), ("file",)) if by == "auto" else ((by,), ("file",))
    found = ([(name, str(known[name])) for name in names if known[name]] for names in order)
    return next(own for own in found if own)


def licence_of(facts: Mapping[str, Any]) -> str:
    """The licence, or on what permission a recording is used: an address of a licence stays, a person's does not."""
    said = " ".join(str(facts.get("licence") or UNSTATED).split())
    return said if re.fullmatch(r"https?://\S+", said) else deidentify(said, people(facts))


def playlist_of(facts: Mapping[str, Any]) -> str | None:
    """The playlist without names: a slot's id, or the title that somebody gave it."""
    known = facts.get("playlist")
    return deidentify(" ".join(str(known).split()), people(facts)) if known else None


def source_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says about its source: no address, no title of a recording, no name of a person that is known."""
    consent = facts.get("consent")
    scope = sorted(consent.get("scope") or []) if isinstance(consent, Mapping) else None
    found = {"licence": licence_of(facts) if facts.get("licence") else None, "playlist": playlist_of(facts)}
    found |= {name: str(facts[name]) for name in ("language", "speakers") if facts.get(name)}
    return {name: value for name, value in found.items() if value} | {
        "consent_scope": scope,
        "persona": person_hash("persona", str(facts["persona"])) if facts.get("persona") else None,
    }


def markers(text: str, segments: Sequence | None = None) -> dict[str, float]:
    """Numbers of the voice's profile that could be measured, at most `MARKERS` of each family."""
    from pixel.voice.personality.profile import profile

    found: dict[str, float] = {}
    for family, values in profile(text, segments).items():
        if isinstance(values, Mapping):
            numbers = {n: v for n, v in sorted(values.items()) if isinstance(v, int | float) and v == v}
            found |= {f"{family}.{name}": round(float(value), 4) for name, value in list(numbers.items())[:MARKERS]}
    return found


def own_likeness(texts: Sequence[str], fingerprint, words: int = CHUNK) -> list[float | None]:
    """
    How like the rest of its speaker each text is.

    The texts are strung together and cut into stretches of at least `words` words; a stretch's likeness is the cosine
    of its fingerprint with the mean of the speaker's other stretches, and every text has that of the stretch in which
    it begins. So nothing is compared with itself.

    Args:
        texts: all of one speaker, in order.
        fingerprint: with `vector(text)` (`pixel.voice.personality.fingerprint`).
        words: of a stretch.

    Returns:
        one a text, in [-1, 1]; all `None` where there are fewer than two stretches.
    """
    stretches: list[list[str]] = [[]]
    place: list[int] = []
    for text in texts:
        if sum(len(one.split()) for one in stretches[-1]) >= words:
            stretches.append([])
        place.append(len(stretches) - 1)
        stretches[-1].append(text)
    if len(stretches) > 1 and sum(len(one.split()) for one in stretches[-1]) < words:
        rest = stretches.pop()
        stretches[-1] += rest
    last = len(stretches) - 1
    if last < 1:
        return [None] * len(texts)
    vectors = np.array([fingerprint.vector(" ".join(own)) for own in stretches], dtype=float)
    total = vectors.sum(0)
    alike = []
    for own in vectors:
        others = total - own
        alike.append(round(float(own @ others / max(1e-12, np.linalg.norm(own) * np.linalg.norm(others))), 4))
    return [alike[min(number, last)] for number in place]
