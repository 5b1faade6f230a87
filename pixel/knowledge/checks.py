"""Is the knowledge base complete and consistent? Every defect named; an empty list is the answer one wants."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from pixel.knowledge.loading import Knowledge
from pixel.models.labels_clinical import DSM_CATEGORIES


class Defect(NamedTuple):
    """What is wrong: a `kind`, the id of the entry, and a sentence."""

    kind: str
    entry: str
    problem: str


def check(knowledge: Knowledge) -> list[Defect]:
    """
    Every defect of a knowledge base.

    Kinds: `missing` (a category of the 100 is not there), `dangling` (an id that nothing has), `asymmetric` (a
    differential named on one side), `cycle` (categories that rule each other out in a circle), `unused` (a symptom
    that no criterion or exclusion names), `unmeetable` (a criterion that needs more than it lists), `range` (a
    minimum above its maximum), `repeated` (an id or a sentence twice).
    """
    found = [*_missing(knowledge), *_dangling(knowledge), *_asymmetric(knowledge), *_cycles(knowledge)]
    return [*found, *_unused(knowledge), *_criteria(knowledge), *_repeated(knowledge)]


def invalid_codes(knowledge: Knowledge) -> list[Defect]:
    """
    ICD-10-CM codes that are not in force.

    Raises:
        ImportError: `simple-icd-10-cm` is not installed; says how to install it.
    """
    try:
        import simple_icd_10_cm as icd
    except ImportError as error:
        raise ImportError('needs simple-icd-10-cm. Mend: pip install "pixel-eq[knowledge]"') from error
    return [
        Defect("code", name, f"{code!r} is no ICD-10-CM code that can be billed")
        for name, category in knowledge.categories.items()
        for code in category.icd10cm
        if not icd.is_valid_item(code) or not icd.is_leaf(code)
    ]


def _missing(base: Knowledge) -> Iterator[Defect]:
    for name in DSM_CATEGORIES:
        if name not in base.categories:
            yield Defect("missing", name, "there is no such file in dsm/")


def _dangling(base: Knowledge) -> Iterator[Defect]:
    for name, category in base.categories.items():
        findings = [finding for exclusion in category.exclusions for finding in exclusion.findings]
        for id in [*category.symptoms, *findings]:
            if id not in base.symptoms:
                yield Defect("dangling", name, f"there is no symptom {id!r}")
        disorders = [disorder for exclusion in category.exclusions for disorder in exclusion.disorders]
        for id in [*disorders, *category.comorbidity, *(d.other for d in category.differentials)]:
            if id not in base.categories:
                yield Defect("dangling", name, f"there is no category {id!r}")
            elif id == name:
                yield Defect("dangling", name, "names itself")
    yield from _framework_ids(base)


def _framework_ids(base: Knowledge) -> Iterator[Defect]:
    """Categories named under `dsm` or `indications`, and defences under `defences`, anywhere in the frameworks."""
    defences = {item["id"] for item in _entries(base.frameworks.get("defences"))}
    known = {"dsm": base.categories, "indications": base.categories, "defences": defences}
    for framework, content in base.frameworks.items():
        for key, ids in _named_lists(content, set(known)):
            for id in ids:
                if isinstance(id, str) and id not in known[key]:
                    yield Defect("dangling", framework, f"{key}: there is no {id!r}")


def _named_lists(content: Any, keys: set[str]) -> Iterator[tuple[str, list]]:
    if isinstance(content, dict):
        for key, value in content.items():
            if key in keys and isinstance(value, list) and all(isinstance(item, str) for item in value):
                yield key, value
            yield from _named_lists(value, keys)
    elif isinstance(content, list):
        for item in content:
            yield from _named_lists(item, keys)


def _entries(content: Any) -> list[dict]:
    """The entries of a framework file, whether it is a list or a mapping that holds lists."""
    if isinstance(content, dict):
        return [item for value in content.values() for item in _entries(value)]
    if isinstance(content, list):
        return [item for item in content if isinstance(item, dict) and "id" in item]
    return []


def _asymmetric(base: Knowledge) -> Iterator[Defect]:
    pairs = {(name, d.other) for name, category in base.categories.items() for d in category.differentials}
    for name, other in sorted(pairs):
        if other in base.categories and (other, name) not in pairs:
            yield Defect("asymmetric", name, f"names {other!r}, which does not name it")


def _cycles(base: Knowledge) -> Iterator[Defect]:
    """Circles in "is explained better by": each member would rule out the next."""
    graph = {
        name: sorted({disorder for exclusion in category.exclusions for disorder in exclusion.disorders})
        for name, category in base.categories.items()
    }
    state: dict[str, int] = {}
    stack: list[str] = []

    def visit(name: str) -> Iterator[Defect]:
        state[name] = 1
        stack.append(name)
        for other in graph.get(name, ()):
            if state.get(other) == 1:
                yield Defect("cycle", name, " -> ".join([*stack[stack.index(other) :], other]))
            elif other not in state:
                yield from visit(other)
        stack.pop()
        state[name] = 2

    for name in graph:
        if name not in state:
            yield from visit(name)


def _unused(base: Knowledge) -> Iterator[Defect]:
    used = {id for category in base.categories.values() for id in category.symptoms}
    used |= {id for category in base.categories.values() for ex in category.exclusions for id in ex.findings}
    for id, symptom in base.symptoms.items():
        if id not in used and symptom.domain not in ("risk", "function", "ruleout"):
            yield Defect("unused", id, "no criterion or exclusion names this symptom")


def _criteria(base: Knowledge) -> Iterator[Defect]:
    for name, category in base.categories.items():
        if not any(criterion.core for criterion in category.criteria):
            yield Defect("unmeetable", name, "no criterion is core, so the category would always be considered")
        for criterion in category.criteria:
            if criterion.checkable and criterion.need > len(criterion.items or criterion.any_of):
                yield Defect("unmeetable", name, f"criterion {criterion.id} needs more than it lists")
        for low, high in (
            (category.duration.min_days, category.duration.max_days),
            (category.onset.min_age, category.onset.max_age),
        ):
            if low is not None and high is not None and low > high:
                yield Defect("range", name, f"{low:g} is above {high:g}")


def _repeated(base: Knowledge) -> Iterator[Defect]:
    for name, category in base.categories.items():
        ids = [c.id for c in category.criteria] + [i.id for c in category.criteria for i in c.items]
        for id in sorted({id for id in ids if ids.count(id) > 1}):
            yield Defect("repeated", name, f"criterion {id} stands twice")
    owners: dict[str, str] = {}
    for id, symptom in base.symptoms.items():
        for sentence in (*symptom.phrasings, *symptom.held_back, *symptom.absent):
            key = " ".join(sentence.lower().split())
            if key in owners:
                yield Defect("repeated", id, f"a sentence also stands at {owners[key]!r}")
            owners[key] = id
