"""One category against one picture: which criteria are met, open or denied, and what rules it out."""

from dataclasses import dataclass, field

from pixel.clinical.differential.findings import Picture
from pixel.knowledge.schema import Category, Criterion, Exclusion

PRESENT = 0.5
"""Probability from which a finding counts as present."""
IMPAIRMENT = ("work_or_school_impairment", "social_impairment")
DISTRESS = "marked_distress"


@dataclass(frozen=True)
class Outcome:
    """
    What became of a category's criteria. Every reason starts with the id of the criterion or exclusion it is about.

    Attributes:
        category: its id.
        met, missing, denied: ids of criteria that findings meet, do not meet yet, or cannot meet any more because what
            they ask for was denied. `duration`, `onset` and `impairment` stand beside the criteria's own ids.
        unchecked: criteria that are a clinician's judgement.
        excluded: ids of exclusions that hold.
        share: mean over checkable criteria of how far each is met, in [0, 1]; core ones count twice.
        core: the least that any core criterion is met, in [0, 1].
        reasons: sentences.
    """

    category: str
    met: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    share: float = 0.0
    core: float = 0.0
    reasons: tuple[str, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Whether every criterion that can be checked is met and nothing rules the category out."""
        return not (self.missing or self.denied or self.excluded)


def assess(category: Category, picture: Picture) -> Outcome:
    """
    Check a category.

    An exclusion by findings holds where one of them is present. Exclusions by other disorders need all outcomes and
    are in `pixel.clinical.differential.rules`.
    """
    met, missing, denied, unchecked, reasons = [], [], [], [], []
    weighted, weights, core = 0.0, 0.0, 1.0
    for criterion in category.criteria:
        if not criterion.checkable:
            unchecked.append(criterion.id)
            continue
        degree, names, hopeless = _degree(criterion, picture)
        weight = (2.0 if criterion.core else 1.0) * (0.5 if criterion.optional else 1.0)
        weighted, weights = weighted + weight * degree, weights + weight
        if criterion.core:
            core = min(core, degree)
        if degree >= 1.0:
            met.append(criterion.id)
            reasons.append(f"{criterion.id} met: {', '.join(names)}")
        elif not criterion.optional:
            (denied if hopeless else missing).append(criterion.id)
            word = "denied" if hopeless else "missing"
            reasons.append(f"{criterion.id} {word}: {len(names)} of {criterion.need} found")
    for name, state, reason in _frame(category, picture):
        {"met": met, "missing": missing, "denied": denied}[state].append(name)
        reasons.append(f"{name} {state}: {reason}")
    excluded = []
    for exclusion in category.exclusions:
        if found := _holds(exclusion, picture):
            excluded.append(exclusion.id)
            reasons.append(f"{exclusion.id} excludes ({exclusion.kind}): {', '.join(found)}")
    return Outcome(
        category.id, tuple(met), tuple(missing), tuple(denied), tuple(unchecked), tuple(excluded),
        weighted / weights if weights else 0.0, core, tuple(reasons),
    )  # fmt: skip


def _degree(criterion: Criterion, picture: Picture) -> tuple[float, list[str], bool]:
    """How far a criterion is met in [0, 1], by what, and whether denials have made it impossible."""
    groups = [(item.id, item.any_of) for item in criterion.items] or [(name, [name]) for name in criterion.any_of]
    strengths = {name: max(picture.strength(symptom) for symptom in symptoms) for name, symptoms in groups}
    names = [name for name, strength in strengths.items() if strength >= PRESENT]
    soft = sum(sorted(strengths.values(), reverse=True)[: criterion.need]) / criterion.need
    left = sum(not all(picture.denied(symptom) for symptom in symptoms) for _, symptoms in groups)
    return (1.0 if len(names) >= criterion.need else min(soft, 0.99)), names, left < criterion.need


def _holds(exclusion: Exclusion, picture: Picture) -> list[str]:
    return [finding for finding in exclusion.findings if picture.strength(finding) >= PRESENT]


def _frame(category: Category, picture: Picture):
    """Duration, onset and impairment: name, state and reason, where the category asks for them."""
    days = picture.lasted([s for c in category.criteria if c.core for s in c.symptoms])
    low, high = category.duration.min_days, category.duration.max_days
    if low is not None or high is not None:
        if days is None:
            yield "duration", "missing", "not said"
        elif low is not None and days < low:
            yield "duration", "denied", f"{days:g} days, needs {low:g}"
        elif high is not None and days > high:
            yield "duration", "denied", f"{days:g} days, at most {high:g}"
        else:
            yield "duration", "met", f"{days:g} days"
    if (least := category.onset.min_age) is not None and picture.age is not None:
        yield "onset", "denied" if picture.age < least else "met", f"age {picture.age:g}, from {least:g}"
    if (most := category.onset.max_age) is not None and picture.onset_age is not None:
        yield "onset", "denied" if picture.onset_age > most else "met", f"began at {picture.onset_age:g}, by {most:g}"
    if category.impairment != "not_required":
        signs = [*IMPAIRMENT, *([DISTRESS] if category.impairment == "distress_or_impairment" else [])]
        found = [sign for sign in signs if picture.strength(sign) >= PRESENT]
        if found:
            yield "impairment", "met", ", ".join(found)
        else:
            gone = all(picture.denied(sign) for sign in signs)
            yield "impairment", "denied" if gone else "missing", "denied" if gone else "not said"
