"""Criterion coverage: which criteria of its category a conversation brings up, by its rationale."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pixel.knowledge.loading import Knowledge, knowledge
from pixel.knowledge.quality.defect import Defect, turns
from pixel.knowledge.schema import Category


class Coverage(NamedTuple):
    """
    Criteria of one category, by id.

    Attributes:
        category: its id.
        disclosed: brought up by the client.
        asked: asked about, or taken up, by the therapist.
        missing: checkable criteria that neither brought up.
    """

    category: str
    disclosed: tuple[str, ...]
    asked: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of the checkable criteria, those that either side brought up, in [0, 1]."""
        met = set(self.disclosed) | set(self.asked)
        return len(met) / (len(met) + len(self.missing)) if met or self.missing else 1.0


def coverage(conversation: Mapping[str, Any], base: Knowledge | None = None) -> list[Coverage]:
    """
    Coverage of every category that the conversation is about.

    Args:
        conversation: with `category` (an id, or ids), or a rationale that names one; and `rationale`, a list as long
            as `messages` of ids: a list of them, or a mapping whose values hold them. An id is a symptom's
            (`excessive_worry`), a criterion's (`generalized_anxiety_disorder.A`, `generalized_anxiety_disorder.C1`, or
            with `/` or `:`) or a category's. Ids that are none of these are left aside here; see `criterion_coverage`.
        base: the knowledge base; default: the one that ships.

    Returns:
        one a category, in order; none where no category is named.
    """
    base = base or knowledge()
    said: dict[str, set[str]] = {"user": set(), "assistant": set()}
    for role in said:
        for index, _ in turns(conversation, role):
            said[role] |= set(_at(conversation, index))
    named = list(dict.fromkeys(_ids(conversation.get("category"))))
    named = [name for name in named if name in base.categories]
    if not named:
        every = said["user"] | said["assistant"]
        named = [name for name in base.categories if name in every or any(_of(name, id) for id in every)]
    return [_of_category(base.categories[name], said["user"], said["assistant"]) for name in named]


def criterion_coverage(
    conversation: Mapping[str, Any], least: float = 0.0, base: Knowledge | None = None
) -> list[Defect]:
    """
    Gate: the rationale names only what the knowledge base knows, and no category is claimed without its core.

    Returns:
        defects of the kinds `dangling_rationale` (a category, criterion or symptom that does not exist),
        `core_not_covered` (a category that is named, whose core criteria nobody brought up) and `thin_coverage` (a
        smaller share of the criteria than `least`). A conversation without a rationale passes.
    """  # noqa: E501
    if not isinstance(conversation.get("rationale"), list):
        return []
    base = base or knowledge()
    found = []
    for index, _ in turns(conversation):
        for id in _at(conversation, index):
            name, _, part = id.replace("/", ".").replace(":", ".").partition(".")
            if name in base.categories and part and not _known(base.categories[name], part):
                found.append(Defect("dangling_rationale", index, f"{name} has no {part!r}"))
    for one in coverage(conversation, base):
        core = {criterion.id for criterion in base.categories[one.category].criteria if criterion.core}
        if core and not core & {*one.disclosed, *one.asked}:
            reason = f"nobody brought up criterion {' or '.join(sorted(core))} of {one.category}"
            found.append(Defect("core_not_covered", None, reason))
        if one.share < least:
            found.append(Defect("thin_coverage", None, f"{one.share:.0%} of the criteria of {one.category}"))
    return found


def _of_category(category: Category, disclosed: set[str], asked: set[str]) -> Coverage:
    checkable = [criterion for criterion in category.criteria if criterion.checkable]

    def met(ids: set[str]) -> tuple[str, ...]:
        parts = {id.replace("/", ".").replace(":", ".").split(".", 1)[1] for id in ids if _of(category.id, id)}
        out = []
        for criterion in checkable:
            own = {criterion.id, *(item.id for item in criterion.items)}
            if own & parts or set(criterion.symptoms) & ids:
                out.append(criterion.id)
        return tuple(out)

    told, taken = met(disclosed), met(asked)
    missing = tuple(c.id for c in checkable if c.id not in (*told, *taken) and not c.optional)
    return Coverage(category.id, told, taken, missing)


def _known(category: Category, part: str) -> bool:
    """Whether a part of an id is a criterion, an item, an exclusion, or names a section such as `questions`."""
    first = part.split(".")[0]
    known = {criterion.id for criterion in category.criteria} | {exclusion.id for exclusion in category.exclusions}
    known |= {item.id for criterion in category.criteria for item in criterion.items}
    known |= {specifier.id for specifier in category.specifiers} | set(type(category).model_fields)
    return first in known


def _of(category: str, id: str) -> bool:
    return id.startswith((f"{category}.", f"{category}/", f"{category}:"))


def _at(conversation: Mapping[str, Any], index: int) -> list[str]:
    rationale = conversation.get("rationale")
    return list(_ids(rationale[index])) if isinstance(rationale, list) and index < len(rationale) else []


def _ids(value: Any) -> Iterator[str]:
    """Every string inside, however it is nested."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _ids(list(value.values()))
    elif isinstance(value, Iterable):
        for part in value:
            yield from _ids(part)
