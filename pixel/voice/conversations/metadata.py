"""What is known about the voice of a conversation: who (as a hash), how like itself, how it speaks, from where."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

SOURCE_FACTS = ("licence", "playlist", "language", "speakers", "persona")
MARKERS = 12
"""At most so many markers of the profile are kept, in the order of their names."""
GROUPS = ("auto", "file", "folder", "channel", "playlist", "persona")
CHUNK = 350
"""Words of a stretch of which a fingerprint is made: the least that tells speakers apart, and a margin."""


def person_hash(*names: str) -> str:
    """
    A person's name in the dataset: 16 hexadecimal digits.

    A hash hides a name from readers, not from somebody who tries the names of a list: it is a pseudonym.
    """
    return hashlib.blake2b("\0".join(names).encode(), digest_size=8, key=b"pixel voice").hexdigest()


def group_of(facts: Mapping[str, Any], by: str = "auto") -> str:
    """
    Who must not be on both sides of a split, as a hash.

    Args:
        facts: row of `files.jsonl`.
        by: one of `GROUPS`. `auto`: the persona, else the channel, else the playlist, where the source names one (the
            same people speak in all of its files), else the file.
    """
    folder = str(facts["file"]).rpartition("/")[0]
    known = {"file": facts["file"], "folder": folder or "."} | {n: facts.get(n) for n in GROUPS[3:]}
    order = ("persona", "channel", "playlist", "file") if by == "auto" else (by, "file")
    name = next(name for name in order if known[name])
    return person_hash(name, str(known[name]))


def source_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says about its source: no address, title or name of a person."""
    consent = facts.get("consent")
    scope = sorted(consent.get("scope") or []) if isinstance(consent, Mapping) else None
    found = {name: facts[name] for name in SOURCE_FACTS if facts.get(name) and name != "persona"}
    return found | {"consent_scope": scope, "persona": person_hash("persona", str(facts["persona"]))
                    if facts.get("persona") else None}  # fmt: skip


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
