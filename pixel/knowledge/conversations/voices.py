"""Who is speaking in a phrasing: the person, a parent about a child, a grown child about an old parent, a mourner."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pixel.knowledge.conversations.fitting import fits
from pixel.knowledge.conversations.grammar import bank
from pixel.knowledge.conversations.wording import capital, fill, without_address
from pixel.knowledge.schema import Symptom

SELF = "self"
VOICES = (SELF, "carer_he", "carer_she", "elder_he", "elder_she")
CHILD_DOMAINS = {
    "conduct",
    "elimination",
    "developmental",
    "trauma",
    "gender",
    "eating",
    "anxiety",
    "sleep",
    "mood",
    "function",
}
ELDER_DOMAINS = {"neurocognitive", "psychosis", "cognition", "sleep", "function", "energy"}

_FIRST = re.compile(r"\b(I|I['’]\w+|me|my|myself|we|our|us)\b")
_OWN = re.compile(r"\b(I['’]m|I['’]ve|I am|I have|I was|myself|me)\b")
_CHILD = re.compile(
    r"\b(my|our) (son|daughter|lad|little (girl|boy|one)|boy|girl|child|kid|toddler|\w+-year-old)\b", re.IGNORECASE
)
_ELDER = re.compile(
    r"\b(my|our) (mum|mother|dad|father|gran|nan|aunt|uncle|grandmother|grandfather)\b|\b(Mum|Dad|Gran)\b"
)
_HE = re.compile(r"\b(he|he['’]\w+|him|his|himself|son|lad|boy|dad|father|uncle|grandfather)\b", re.IGNORECASE)
_SHE = re.compile(
    r"\b(she|she['’]\w+|her|hers|herself|daughter|girl|mum|mother|gran|nan|aunt|grandmother)\b", re.IGNORECASE
)
_OTHERS = re.compile(
    r"\b(my|his|her|the|our) (wife|husband|sister|brother|mum|mother|dad|father|boss|friend|partner|mate|doctor|"
    r"boyfriend|girlfriend|gran|nan|aunt|uncle|neighbour|teacher|flatmate|nurse|neurologist|manager|cousin)\b", re.I
)  # fmt: skip
_LISTENER = re.compile(r"\byou(r|'re|'ve)?\b")
_KIN = re.compile(r"\b(Mum|Mam|Mummy|Dad|Daddy|Gran|Granddad|Grandad|Nan)\b")
_DEAD = re.compile(r"\b(died|dead|grave|passed|funeral|late (husband|wife)|passing|gone)\b")


@dataclass(frozen=True)
class Voice:
    """
    Who speaks and of whom.

    Attributes:
        kind: one of `VOICES`.
        pronoun: `he` or `she` of the one spoken about, or of the one who died; `None` if neither.
        lost: what the one who died was to the person (`husband`, `mother`, ...), or `None`.
    """

    kind: str = SELF
    pronoun: str | None = None
    lost: str | None = None


@lru_cache(maxsize=20000)
def spoken_by(text: str, domain: str) -> frozenset[str]:
    """Kinds of voice that can say a sentence about a symptom of a domain."""
    he, she = bool(_HE.search(text)), bool(_SHE.search(text))
    third = he or she
    out = set()
    if (
        _FIRST.search(text)
        and (not third or (_OTHERS.search(text) and _OWN.search(text)))
        and not (_CHILD.search(text) and not _OWN.search(text))
    ):
        out.add(SELF)
    elif not third and not _FIRST.search(text):
        out.add(SELF)
    if third and not (he and she) and SELF not in out:
        who = "he" if he else "she"
        if domain in CHILD_DOMAINS and not _ELDER.search(text) and not _OTHERS.search(text):
            out.add(f"carer_{who}")
        if domain in ELDER_DOMAINS and not _CHILD.search(text) and (not _OTHERS.search(text) or _ELDER.search(text)):
            out.add(f"elder_{who}")
    return frozenset(out)


def sayings(symptom: Symptom, voice: Voice, has: Iterable[str]) -> list[str]:
    """
    The phrasings of a symptom that somebody can say, forms of address taken out. Sentences held back for tests are
    not among them. Empty if there are none.
    """
    has, out = frozenset(has), []
    if voice.lost and symptom.id == "bereavement":
        return [fill(text, pronouns(voice.pronoun)) for text in bank("clients.bereaved")]
    for text in symptom.phrasings:
        if not fits_voice(text, symptom, voice):
            continue
        if voice.lost and symptom.domain == "trauma":
            if fits(text, has | {"wife", "husband", "partner", "children", "parents_alive", "siblings"}):
                out.append(without_address(text))
        elif fits(text, has):
            out.append(without_address(text))
    if not out and voice.pronoun and not voice.lost:
        clauses = bank("symptom_clauses").get(symptom.id, {}).get("they", ())
        clauses = [clause for clause in clauses if not _LISTENER.search(clause)]
        out = [f"{capital(fill(clause, pronouns(voice.pronoun)))}." for clause in clauses]
    return out


def pronouns(pronoun: str | None) -> dict[str, str]:
    """Slots `he`, `him`, `his` for somebody spoken about."""
    return dict(
        zip(("he", "him", "his"), ("she", "her", "her") if pronoun == "she" else ("he", "him", "his"), strict=True)
    )


@lru_cache(maxsize=50000)
def _fits_voice(text: str, id: str, domain: str, voice: Voice) -> bool:
    if voice.kind == SELF and voice.lost and (domain == "trauma" or id == "bereavement"):
        other = _SHE if voice.pronoun == "he" else _HE
        named = {match[2] for match in _OTHERS.finditer(text)} | {match[2] for match in _CHILD.finditer(text)}
        if _KIN.search(text) and voice.lost not in ("mother", "father"):
            return False
        return not other.search(text) and named <= {voice.lost, _plain(voice.lost)}
    if voice.kind == SELF and domain != "trauma" and _DEAD.search(text) and _OTHERS.search(text):
        return False
    return voice.kind in spoken_by(text, domain)


def fits_voice(text: str, symptom: Symptom, voice: Voice) -> bool:
    """Whether a sentence can come in this voice; in grief he or she must be the one who died."""
    return _fits_voice(text, symptom.id, symptom.domain, voice)


def _plain(relation: str) -> str:
    return {"mother": "mum", "father": "dad"}.get(relation, relation)
