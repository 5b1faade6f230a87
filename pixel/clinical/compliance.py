"""Do a conversation's claims about DSM-5-TR categories and defences agree with the knowledge base? Reasons by id."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from pixel.clinical.claims import ClaimReader, Said, sentences
from pixel.knowledge.loading import Knowledge, knowledge
from pixel.knowledge.passages import knowledge_passages
from pixel.knowledge.schema import Category

SLACK = 0.2
"""Part of a duration by which a claim may miss it: months and weeks do not divide into days evenly."""


class Search(Protocol):
    """Passages of the knowledge base that can be searched: `(id, text, relevance)`, best first."""

    def search(self, query: str, k: int) -> list[tuple[str, str, float]]: ...


class Claim(NamedTuple):
    """
    A checked claim.

    Attributes:
        turn: number of the message.
        kind: `id`, `duration`, `count`, `code` or `defence_level`.
        source: id in the knowledge base that it was checked against, or the unknown id itself.
        holds: whether the knowledge base agrees.
        reason: what was said and what stands there.
    """

    turn: int
    kind: str
    source: str
    holds: bool
    reason: str


@dataclass(frozen=True)
class Compliance:
    """
    Attributes:
        claims: all that could be checked, in order.
    """

    claims: tuple[Claim, ...]

    @property
    def broken(self) -> tuple[Claim, ...]:
        """Those with which the knowledge base does not agree."""
        return tuple(claim for claim in self.claims if not claim.holds)

    @property
    def share(self) -> float | None:
        """Share that holds, in [0, 1]; `None` where nothing could be checked: no claim is no virtue."""
        return 1 - len(self.broken) / len(self.claims) if self.claims else None


def check_compliance(
    messages: Sequence[Mapping[str, str]],
    rationale: Sequence[Any] | None = None,
    *,
    roles: Sequence[str] = ("assistant",),
    passages: Search | None = None,
    floor: float = 0.3,
    base: Knowledge | None = None,
) -> Compliance:
    """
    Check what is said about durations, numbers of symptoms, ICD-10-CM codes and levels of defences.

    What a sentence is about is the category that it names; else the one named before it in the turn, or in the turn's
    rationale; else, with `passages`, the category whose passage is found first.

    Args:
        messages: `{"role", "content"}`.
        rationale: one for each message: the ids that it rests on, a list or a mapping that holds them, or `None`. Ids
            are those of passages (`dsm/panic_disorder#criteria`), of criteria (`panic_disorder.A`), and of categories,
            symptoms and entries, with or without the name of their file. An unknown one is a broken claim.
        roles: whose messages are checked.
        passages: to find what a sentence is about where nothing names it.
        floor: relevance from which a found passage counts.
        base: the knowledge base.

    Raises:
        ValueError: not one list of ids (or `None`) a message.
    """
    reader, known = _prepared() if base is None else _prepare(base)
    base = base or knowledge()
    rationale = rationale if rationale is not None else [None] * len(messages)
    if len(rationale) != len(messages):
        raise ValueError(f"{len(rationale)} rationales for {len(messages)} messages. Mend: give one (or None) each")
    claims: list[Claim] = []
    for turn, (message, ids) in enumerate(zip(messages, rationale, strict=True)):
        if message["role"] not in roles:
            continue
        ids = list(dict.fromkeys(_flat(ids)))
        claims += [Claim(turn, "id", one, _stands(one, known, base), "an id of the rationale") for one in ids]
        about = [name for one in ids if (name := _category(one)) in base.categories]
        for sentence in sentences(message["content"]):
            said = reader.read(sentence)
            about = said.categories or about  # "It has to last ..." goes on about what was named before
            if said.empty:
                continue
            names = about or _found(sentence, passages, floor, base)
            claims += [claim for name in names[:1] for claim in _of_category(turn, said, base.categories[name])]
            claims += _of_defences(turn, said, base)
    return Compliance(tuple(claims))


def _of_category(turn: int, said: Said, category: Category) -> Iterable[Claim]:
    source = f"dsm/{category.id}#criteria"
    shortest, longest = category.duration.min_days, category.duration.max_days
    for days, end in said.durations:
        wanted = shortest if end == "least" else longest
        if wanted:
            near = abs(days - wanted) <= SLACK * wanted
            yield Claim(turn, "duration", source, near, f"says at {end} {days:g} days; there it is {wanted:g}")
    counted = {(c.need, len(c.items)) for c in category.criteria if c.items}
    for need, of in said.counts:
        fits = any(need == n and of in (None, total) for n, total in counted)
        if counted:
            there = ", ".join(f"{n} of {total}" for n, total in sorted(counted))
            yield Claim(turn, "count", source, fits, f"says {need}{f' of {of}' if of else ''}; there it is {there}")
    for code in said.codes:
        fits = any(code == one or one.startswith(f"{code}.") or (len(code) > 3 and one.startswith(code))
                   for one in category.icd10cm)  # fmt: skip
        yield Claim(
            turn, "code", f"dsm/{category.id}", fits, f"says {code}; there it is {', '.join(category.icd10cm)}"
        )


def _of_defences(turn: int, said: Said, base: Knowledge) -> Iterable[Claim]:
    levels = {item["id"]: item["level"] for item in base.frameworks["defences"]["defences"]}
    for defence in said.defences[:1]:
        for level in said.defence_levels[:1]:
            right = levels[defence]
            reason = f"says {' or '.join(level)}; there it is {right}"
            yield Claim(turn, "defence_level", f"defences/defences/{defence}", right in level, reason)


def _found(sentence: str, passages: Search | None, floor: float, base: Knowledge) -> list[str]:
    best = passages.search(sentence, 1) if passages is not None else []
    names = [_category(id) for id, _, relevance in best if relevance >= floor]
    return [name for name in names if name in base.categories]


def _flat(ids: Any) -> Iterable[str]:
    """Every string inside, however it is nested."""
    if isinstance(ids, str):
        yield ids
    elif isinstance(ids, Mapping):
        yield from _flat(list(ids.values()))
    else:
        for part in ids or ():
            yield from _flat(part)


def _category(id: str) -> str:
    return re.split(r"[.#:/]", id.removeprefix("dsm/"))[0]


def _stands(id: str, known: frozenset[str], base: Knowledge) -> bool:
    """Whether an id is that of something: an entry, or a criterion of a category."""
    name = _category(id)
    if id in known or name not in base.categories:
        return id in known
    criteria = base.categories[name].criteria
    rest = re.split(r"[.#:/]", id.removeprefix("dsm/"))[1:]
    return rest[:1] != [] and rest[0] in {c.id for c in criteria} | {item.id for c in criteria for item in c.items}


def _prepare(base: Knowledge) -> tuple[ClaimReader, frozenset[str]]:
    passages = knowledge_passages(base)
    parts = [(id.split("#")[0], id.split("/")) for id in passages]
    entries = {form for whole, part in parts for form in (whole, part[-1], f"{part[0]}/{part[-1]}")}
    return ClaimReader(base), frozenset({*passages, *entries, *base.categories, *base.symptoms})


@lru_cache(maxsize=1)
def _prepared() -> tuple[ClaimReader, frozenset[str]]:
    return _prepare(knowledge())
