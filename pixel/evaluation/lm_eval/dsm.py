"""DSM-5-TR: which of four categories fits what was said, in wordings that nothing was trained on."""

from collections.abc import Iterator, Sequence

import numpy as np

from pixel.clinical.differential.made_vignettes import say_days
from pixel.evaluation.lm_eval.choices import Question
from pixel.knowledge.loading import Knowledge, knowledge
from pixel.knowledge.schema import Category

OPTIONS = 4
ASK = "Which of these conditions fits best what was said? (A question of knowledge; no one is being diagnosed.)"


def dsm(base: Knowledge | None = None, each: int = 2, seed: int = 0) -> Iterator[Question]:
    """
    Vignettes of every category, made from the `held_back` wordings of the symptoms its criteria ask for.

    The other options are categories named as its differentials, none of whose criteria the vignette meets; where there
    are too few, others of its chapter. A duration that the category allows is said, if it asks for one.

    Args:
        base: the knowledge base; `None`: the one that ships with Pixel.
        each: vignettes a category.
        seed: of all choices.

    Yields:
        `Question`; its group is the category. A category whose criteria no symptom can meet is left out.
    """
    base, rng = base or knowledge(), np.random.default_rng(seed)
    for category in base.categories.values():
        for number in range(each):
            symptoms, days = wanted(category, rng), span(category, rng)
            others = distractors(base, category, symptoms, days, rng)
            if not symptoms or len(others) < OPTIONS - 1:
                continue
            said = [str(rng.choice(base.symptoms[symptom].held_back)) for symptom in rng.permutation(symptoms)]
            if days is not None:
                said.append(f"It has been like this for {say_days(days)}.")
            order = rng.permutation([category.id, *others])
            yield Question(
                f"{category.id}-{number}",
                "Said in a first talk, by the person or someone close to them:\n"
                + "\n".join(f"- {sentence}" for sentence in said)
                + f"\n\n{ASK}",
                tuple(base.categories[name].name for name in order),
                int(np.flatnonzero(order == category.id)[0]),
                group=category.id,
            )


def wanted(category: Category, rng: np.random.Generator) -> list[str]:
    """Symptoms that meet every criterion that symptoms can meet and that is not optional."""
    found: list[str] = []
    for criterion in category.criteria:
        if not criterion.checkable or criterion.optional:
            continue
        groups = [item.any_of for item in criterion.items] or [[symptom] for symptom in criterion.any_of]
        for index in rng.choice(len(groups), size=min(criterion.need, len(groups)), replace=False):
            found.append(str(rng.choice(groups[index])))
    return list(dict.fromkeys(found))


def span(category: Category, rng: np.random.Generator) -> float | None:
    """Days that the category allows, or `None` where it asks for none."""
    low, high = category.duration.min_days, category.duration.max_days
    if not low and not high:
        return None
    low, high = max(low or 1.0, 1.0), high or 3 * max(low or 30.0, 30.0)
    return float(round(rng.uniform(low, max(low, high))))


def meets(category: Category, symptoms: Sequence[str], days: float | None) -> bool:
    """Whether symptoms and duration meet every criterion that they can meet; a missing duration meets any."""
    present = set(symptoms)
    for criterion in category.criteria:
        if not criterion.checkable or criterion.optional:
            continue
        groups = [set(item.any_of) for item in criterion.items] or [{symptom} for symptom in criterion.any_of]
        if sum(bool(group & present) for group in groups) < criterion.need:
            return False
    low, high = category.duration.min_days or 0, category.duration.max_days or np.inf
    return days is None or low <= days <= high


def distractors(
    base: Knowledge, category: Category, symptoms: Sequence[str], days: float | None, rng: np.random.Generator
) -> list[str]:
    """Up to three categories that look alike and do not fit: differentials first, then the chapter's others."""
    named = [differential.other for differential in category.differentials if differential.other in base.categories]
    chapter = [other.id for other in base.categories.values() if other.chapter == category.chapter]
    found: list[str] = []
    for pool in (named, chapter, list(base.categories)):
        for name in rng.permutation([n for n in dict.fromkeys(pool) if n not in found and n != category.id]):
            if len(found) < OPTIONS - 1 and not meets(base.categories[str(name)], symptoms, days):
                found.append(str(name))
    return found
