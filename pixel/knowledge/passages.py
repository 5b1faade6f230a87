"""The knowledge base as passages to be found and read: one idea each, under an id that leads back to its entry."""

from collections.abc import Iterator
from typing import Any

from pixel.knowledge.loading import Knowledge, knowledge
from pixel.knowledge.schema import Category

UNSEEN = {
    "id", "held_back", "weight", "dsm", "neighbours", "indications", "level", "item_range", "total_range", "urgency",
    "acute",
}  # fmt: skip
"""Keys of framework entries that are for machines or for tests, not for reading."""


def knowledge_passages(base: Knowledge | None = None) -> dict[str, str]:
    """
    Id -> text.

    Ids are `dsm/CATEGORY#PART` (summary, criteria, words, differentials, course, interventions, questions) and
    `FRAMEWORK/SECTION/ENTRY`. Sentences that are held back for tests are left out.
    """
    base = base or knowledge()
    found = {f"dsm/{name}#{part}": text for name, one in base.categories.items() for part, text in _of(one, base)}
    for framework, content in base.frameworks.items():
        for id, text in _of_framework(content):
            found[f"{framework}/{id}"] = text
    return found


SAID = 10
"""Sentences in which people put it, at most: what an encoder of 256 tokens takes in."""


def _of(category: Category, base: Knowledge) -> Iterator[tuple[str, str]]:
    name = category.name
    yield "summary", f"{name} ({category.chapter}). {category.summary}"
    yield "criteria", f"{name}: what has to be present. " + " ".join(_criteria(category))
    said = [base.symptoms[id].phrasings[0] for id in category.symptoms[:SAID] if id in base.symptoms]
    yield "words", f"{name}: how people put it. {' '.join(said)}"
    pairs = " ".join(f"{_words(pair.other)}: {pair.separates}" for pair in category.differentials)
    yield "differentials", f"{name}: what else it could be. {pairs}"
    together = ", ".join(map(_words, category.comorbidity))
    also = f" Often together with {together}." if together else ""
    yield "course", f"{name}: course and risk. {category.course}{also} {' '.join(category.risk)}"
    helps = " ".join(f"{item.name} ({_words(item.level)}; {item.source})." for item in category.interventions)
    yield "interventions", f"{name}: what helps. {helps}"
    yield "questions", f"{name}: questions to ask. {' '.join(category.questions)}"


def _criteria(category: Category) -> Iterator[str]:
    for criterion in category.criteria:
        yield criterion.text
        if criterion.items:
            yield f"At least {criterion.need} of: " + " ".join(item.text for item in criterion.items)
    if category.duration.text:
        yield category.duration.text
    yield from (exclusion.text for exclusion in category.exclusions)


def _of_framework(content: Any) -> Iterator[tuple[str, str]]:
    """Entries of the lists in a framework file, under the name of their list; lists inside an entry likewise."""
    for section, value in content.items() if isinstance(content, dict) else ():
        if isinstance(value, list):
            for item in value:
                if isinstance(item, dict) and "id" in item:
                    yield f"{section}/{item['id']}", " ".join(_texts(item))
                    yield from ((f"{section}/{item['id']}/{id}", text) for id, text in _of_framework(item))


def _texts(item: dict) -> Iterator[str]:
    for key, value in item.items():
        if key in UNSEEN:
            continue
        if isinstance(value, str):
            text = value.strip()
            yield text if text.endswith((".", "?", "!")) else f"{text}."
        elif isinstance(value, list) and all(isinstance(part, str) for part in value):
            yield f"{key.replace('_', ' ').capitalize()}: {'; '.join(map(_words, value))}."


def _words(id: str) -> str:
    return id.replace("_", " ")
