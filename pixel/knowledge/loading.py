"""The knowledge base from its YAML files, and outside files in the same form added to it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pixel.knowledge.errors import KnowledgeError
from pixel.knowledge.schema import Category, Differential, Symptom
from pixel.knowledge.yaml_files import entry, read_yaml

DATA = Path(__file__).with_name("data")
FRAMEWORKS = ("pdm2", "attachment", "defences", "modalities", "instruments", "safety")


@dataclass(frozen=True)
class Knowledge:
    """
    Everything by id.

    Attributes:
        symptoms: id -> symptom.
        categories: id -> DSM-5-TR category, differentials mirrored (see `mirrored`).
        frameworks: `pdm2`, `attachment`, `defences`, `modalities`, `instruments`, `safety`: what their YAML holds.
    """

    symptoms: dict[str, Symptom]
    categories: dict[str, Category]
    frameworks: dict[str, Any]


def load_knowledge(folder: Path = DATA, outside: Iterable[str | Path] = ()) -> Knowledge:
    """
    Read and link the knowledge base. Whether it is complete and consistent is for `pixel.knowledge.checks`.

    Args:
        folder: with `dsm/`, `symptoms/` and a file for each framework.
        outside: further folders of the same form (`dsm/`, `symptoms/`; either may be missing). Their entries are added
            or, where the id is taken, take its place.

    Raises:
        KnowledgeError: a file that cannot be read, a field that is wrong, an id twice in one folder.
    """
    symptoms, categories = _symptoms(folder), _categories(folder)
    for name in outside:
        place = Path(name)
        if not (place / "dsm").is_dir() and not (place / "symptoms").is_dir():
            raise KnowledgeError("holds neither dsm/ nor symptoms/", file=place, mend="see pixel/knowledge/data")
        symptoms |= _symptoms(place)
        categories |= _categories(place)
    frameworks = {name: read_yaml(folder / f"{name}.yaml") for name in FRAMEWORKS}
    return Knowledge(symptoms, mirrored(categories), frameworks)


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    """The knowledge base that ships with Pixel, read once."""
    return load_knowledge()


def mirrored(categories: dict[str, Category]) -> dict[str, Category]:
    """
    Differentials on both sides: where only one file names a pair, the other gets it with the same words. A category
    that does not exist is left for the checks to find.
    """
    found = {name: {d.other: d.separates for d in category.differentials} for name, category in categories.items()}
    for name, pairs in [(name, dict(pairs)) for name, pairs in found.items()]:
        for other, separates in pairs.items():
            if other in found:
                found[other].setdefault(name, separates)
    return {
        name: category.model_copy(
            update={"differentials": [Differential(**{"with": o, "separates": s}) for o, s in found[name].items()]}
        )
        for name, category in categories.items()
    }


def with_entries(base: Knowledge, symptoms: Iterable[Symptom] = (), categories: Iterable[Category] = ()) -> Knowledge:
    """A copy with entries added or replaced."""
    merged = base.categories | {category.id: category for category in categories}
    return replace(
        base, symptoms=base.symptoms | {symptom.id: symptom for symptom in symptoms}, categories=mirrored(merged)
    )


def _symptoms(folder: Path) -> dict[str, Symptom]:
    found: dict[str, Symptom] = {}
    for file in sorted((folder / "symptoms").glob("*.yaml")):
        content = read_yaml(file)
        if not isinstance(content, list):
            raise KnowledgeError("is no list of symptoms", file=file, mend="start each with '- id:'")
        for item in content:
            _add(found, entry(Symptom, item, file), file)
    return found


def _categories(folder: Path) -> dict[str, Category]:
    found: dict[str, Category] = {}
    for file in sorted((folder / "dsm").glob("*.yaml")):
        category = entry(Category, read_yaml(file), file)
        if category.id != file.stem:
            raise KnowledgeError(f"holds {category.id!r}", file=file, field="id", mend="name the file after its id")
        _add(found, category, file)
    return found


def _add(found: dict, item, file: Path) -> None:
    if item.id in found:
        raise KnowledgeError("this id is taken", file=file, row=item.id, field="id", mend="give it another")
    found[item.id] = item
