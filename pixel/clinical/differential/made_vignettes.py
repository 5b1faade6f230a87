"""Vignettes made from the knowledge base, with what is true of them: to fit the ranking, and to measure it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pixel.clinical.differential.findings import Finding, Picture
from pixel.knowledge.loading import Knowledge
from pixel.knowledge.schema import Category

SPANS = ((1, "day"), (7, "week"), (30, "month"), (365, "year"))
OPENINGS = {
    "phrasings": ("It has been like this for about {span}.", "This began roughly {span} ago.", "For {span} now."),
    "held_back": ("Going on {span}, all told.", "If I count back, {span}.", "We are talking about {span}."),
}
"""How a duration is said: one set of wordings to fit on, another to test on."""


@dataclass(frozen=True)
class Vignette:
    """`text` as a person would tell it, the `picture` behind it, and the categories that are true of it."""

    text: str
    picture: Picture
    categories: tuple[str, ...]


def made_vignettes(
    base: Knowledge, count: int, seed: int = 0, wording: str = "phrasings", fold: int | None = None
) -> Iterator[Vignette]:
    """
    Make vignettes.

    Categories in turn. The criteria of each are met with a random choice among what they ask for; a fifth of the time
    there is a second one that is often comorbid; up to two symptoms belong to neither; there is a denial now and then,
    a duration that fits, and usually some impairment. A tenth leave out one symptom that a criterion needed.

    Args:
        base: the knowledge base.
        count: of vignettes.
        seed: of all choices.
        wording: `phrasings`, or `held_back` for sentences that nothing was fitted on.
        fold: from 0 to 2, only every third phrasing: those that a reader fitted `without` that fold has not seen.
    """
    rng = np.random.default_rng(seed)
    names = list(base.categories)
    for number in range(count):
        chosen = [base.categories[names[number % len(names)]]]
        partners = [other for other in chosen[0].comorbidity if _compatible(chosen[0], base.categories[other])]
        if partners and rng.random() < 0.2:
            chosen.append(base.categories[str(rng.choice(partners))])
        yield _make(base, chosen, rng, wording, fold)


def _compatible(first: Category, second: Category) -> bool:
    """Whether neither rules the other out by a symptom that it asks for."""
    return not any(
        set(exclusion.findings) & set(other.symptoms) or other.id in exclusion.disorders
        for one, other in ((first, second), (second, first))
        for exclusion in one.exclusions
    )


def _make(base: Knowledge, chosen: Sequence[Category], rng: np.random.Generator, wording: str, fold) -> Vignette:
    wanted: list[str] = []
    for category in chosen:
        wanted += _symptoms(category, rng)
    wanted = list(dict.fromkeys(wanted))
    if len(wanted) > 3 and rng.random() < 0.1:
        wanted.pop(int(rng.integers(len(wanted))))
    ruled = {finding for category in chosen for exclusion in category.exclusions for finding in exclusion.findings}
    others = [s for s, symptom in base.symptoms.items() if symptom.domain != "ruleout" and s not in {*wanted, *ruled}]
    extra = [str(name) for name in rng.choice(others, size=int(rng.integers(0, 3)), replace=False)]
    denied = [str(name) for name in rng.choice(others, size=int(rng.random() < 0.3)) if name not in extra]
    if any(category.impairment != "not_required" for category in chosen) and rng.random() < 0.8:
        extra.append(str(rng.choice(["work_or_school_impairment", "social_impairment"])))
    days = _days(chosen, rng)
    findings = {name: Finding(name) for name in (*wanted, *extra)} | {name: Finding(name, False) for name in denied}
    sentences = [_say(base, name, finding.present, wording, fold, rng) for name, finding in findings.items()]
    rng.shuffle(sentences)
    if days is not None:
        span = str(rng.choice(OPENINGS[wording])).format(span=say_days(days))
        sentences.insert(0, span)
    return Vignette(" ".join(sentences), Picture(findings, days), tuple(category.id for category in chosen))


def _symptoms(category: Category, rng: np.random.Generator) -> list[str]:
    found: list[str] = []
    for criterion in category.criteria:
        if not criterion.checkable or (criterion.optional and rng.random() < 0.5):
            continue
        groups = [item.any_of for item in criterion.items] or [[symptom] for symptom in criterion.any_of]
        count = min(len(groups), criterion.need + int(rng.random() < 0.4))
        for index in rng.choice(len(groups), size=count, replace=False):
            found.append(str(rng.choice(groups[index])))
    return found


def _days(chosen: Sequence[Category], rng: np.random.Generator) -> float | None:
    """A duration that fits all, or none where nothing is asked for or two cannot agree."""
    low = max((category.duration.min_days or 0) for category in chosen)
    high = min((category.duration.max_days or 3650) for category in chosen)
    if low > high or (low == 0 and high == 3650 and rng.random() < 0.7):
        return None
    return float(round(max(1.0, rng.uniform(max(low, 1), min(high, max(3 * low, 60))))))


def _say(base: Knowledge, symptom: str, present: bool, wording: str, fold, rng: np.random.Generator) -> str:
    known = base.symptoms[symptom]
    ways = getattr(known, wording) if present else known.absent
    return str(rng.choice(ways[fold::3] if present and fold is not None else ways))


def say_days(days: float) -> str:
    """A number of days in the largest unit that it fills at least twice, as people say it."""
    size, unit = next(((size, unit) for size, unit in reversed(SPANS) if days >= 2 * size), SPANS[0])
    number = int(days // size)
    return f"{number} {unit}{'' if number == 1 else 's'}"
