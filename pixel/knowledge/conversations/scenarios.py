"""What somebody comes with: a category whose criteria their symptoms meet, how long, how badly, and what they want."""

import random
from dataclasses import asdict, dataclass, replace
from typing import Any

from pixel.knowledge.conversations.design import balanced
from pixel.knowledge.conversations.grammar import bank
from pixel.knowledge.conversations.persons import Person
from pixel.knowledge.conversations.speakers import LEFT_OUT, RISK_DOMAINS, SEVERITIES, allows, speaker_for, tags
from pixel.knowledge.conversations.voices import SELF, Voice, sayings
from pixel.knowledge.loading import Knowledge
from pixel.knowledge.schema import Category

MODALITIES = (
    "cbt", "dbt", "act", "motivational_interviewing", "psychodynamic", "person_centred", "interpersonal",
    "emdr_informed", "family",
)  # fmt: skip


@dataclass(frozen=True)
class Scenario:
    """
    Everything that is fixed before anybody speaks.

    Attributes:
        id: group of the row.
        category, comorbid: ids of DSM-5-TR categories; `comorbid` may be `None`.
        symptoms: ids, in the order in which they will be told; they meet the criteria.
        criteria: symptom id -> `CATEGORY.CRITERION` ids that it counts towards.
        days: how long it has lasted.
        severity: `mild`, `moderate` or `severe`.
        level: complexity 1 to 5.
        risk: level of suicidal risk that the script holds, 0 for none.
        meeting: 1 for a first meeting.
        person, voice: who speaks, and of whom.
        modality: way of working.
        domain: of the main trouble.
    """

    id: str
    category: str
    comorbid: str | None
    symptoms: tuple[str, ...]
    criteria: dict[str, tuple[str, ...]]
    days: int
    severity: str
    level: int
    risk: int
    meeting: int
    person: Person
    voice: Voice
    modality: str
    domain: str

    @property
    def lifelong(self) -> bool:
        """Whether there is no time before it that anyone remembers."""
        return "began_in_childhood" in self.symptoms or self.category.endswith("personality_disorder")

    def record(self) -> dict[str, Any]:
        """For the column `scenario`: plain values only."""
        out = asdict(self)
        out["person"] = {
            key: out["person"][key]["id"] if key in ("culture", "family") else out["person"][key]
            for key in ("age", "band", "gender", "culture", "family", "occupation", "style", "attachment", "defence")
        }
        return out


def scenario(
    base: Knowledge,
    seed: int,
    index: int,
    attempt: int = 0,
    categories: tuple[str, ...] = (),
    modalities: tuple[str, ...] = (),
    level: int | None = None,
) -> Scenario:
    """
    The scenario of row `index`: the same for the same arguments, on any machine.

    Args:
        base: the knowledge base.
        seed, index: of the design. `attempt` changes what chance decides, not what the design does.
        categories, modalities: only these; all by default.
        level: complexity, 1 to 5; by default all in balance.

    Raises:
        LookupError: nobody can tell enough of the category's symptoms (see `told_symptoms`).
    """
    rng = random.Random(f"{seed}:{index}:{attempt}:scenario")
    name = balanced(categories or tuple(base.categories), seed, "category", index)
    level = level or balanced((1, 2, 3, 4, 5), seed, "level", index)
    for turn in range(24):
        speaker, voice = speaker_for(name, seed, index + 7919 * turn if turn > 8 else index, rng)
        days = _days(base.categories[name], speaker, voice, rng)
        speaker = replace(speaker, has=speaker.has | tags(name, rng) | ({"long_ago"} if days > 700 else set()))
        try:
            symptoms, criteria = told_symptoms(base, base.categories[name], speaker, voice, rng)
            break
        except LookupError:
            continue
    else:
        raise LookupError(f"no one can tell {name}")
    comorbid = None
    if level >= 4 and voice.kind == SELF and rng.random() < 0.6:
        options = [one for one in base.categories[name].comorbidity if one in base.categories and allows(one, speaker)]
        rng.shuffle(options)
        for one in options:
            both = replace(speaker, has=speaker.has | tags(one))
            try:
                more, counted = told_symptoms(base, base.categories[one], both, voice, rng)
            except LookupError:
                continue
            if len(set(more) - set(symptoms)) <= 5:
                comorbid, speaker, symptoms = one, both, (*symptoms, *(s for s in more if s not in symptoms))
                criteria = {s: (*criteria.get(s, ()), *counted.get(s, ())) for s in symptoms}
                break
    domain = _domain(base, name, symptoms, voice)
    return Scenario(
        id=f"{seed}-{index:07d}", category=name, comorbid=comorbid, symptoms=symptoms, criteria=criteria,
        days=days, severity=balanced(SEVERITIES, seed, "severity", index),
        level=level, risk=_risk(domain, voice, speaker, level, rng),
        meeting=1 if rng.random() < 0.6 else rng.randint(2, 9), person=speaker, voice=voice,
        modality=_modality(base, name, voice, modalities, rng, seed, index), domain=domain,
    )  # fmt: skip


def told_symptoms(
    base: Knowledge, category: Category, speaker: Person, voice: Voice, rng: random.Random
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """
    Symptoms that meet every criterion which findings can meet, each of which the speaker can put into words.

    Returns:
        ids, core criteria first; and id -> criteria it counts towards.

    Raises:
        LookupError: a criterion cannot be met in this voice.
    """

    def sayable(ids: list[str]) -> list[str]:
        known = [id for id in ids if id in base.symptoms and id not in LEFT_OUT]
        return [id for id in known if sayings(base.symptoms[id], voice, speaker.has)]

    chosen: dict[str, list[str]] = {}
    for criterion in sorted(category.criteria, key=lambda one: not one.core):
        if not criterion.checkable or criterion.optional:
            continue
        parts = [(item.id, sayable(item.any_of)) for item in criterion.items]
        parts = [(id, ids) for id, ids in parts if ids] or [(criterion.id, [id]) for id in sayable(criterion.any_of)]
        already = [(id, [s for s in ids if s in chosen]) for id, ids in parts]
        already = [(id, ids) for id, ids in already if ids]
        missing = criterion.need - len(already)
        for id, ids in already[: criterion.need]:
            chosen[ids[0]].append(f"{category.id}.{id}")
        rest = [(id, ids) for id, ids in parts if id not in {one for one, _ in already} or not criterion.items]
        rest = [(id, [s for s in ids if s not in chosen]) for id, ids in rest]
        rest = [(id, ids) for id, ids in rest if ids]
        if missing > len(rest) or (not parts and criterion.need):
            if criterion.core or missing > 0:
                raise LookupError(f"{category.id}.{criterion.id}")
        extra = 1 if missing > 0 and len(rest) > missing and rng.random() < 0.3 else 0
        for id, ids in rng.sample(rest, max(0, missing) + extra):
            fresh = [s for s in ids if s not in chosen]
            if fresh:
                chosen.setdefault(rng.choice(fresh), []).append(f"{category.id}.{id}")
    if not chosen:
        raise LookupError(category.id)
    return tuple(chosen), {id: tuple(ids) for id, ids in chosen.items()}


def _domain(base: Knowledge, name: str, symptoms: tuple[str, ...], voice: Voice) -> str:
    if voice.kind.startswith("elder"):
        return "neurocognitive"
    if voice.kind.startswith("carer"):
        counted = [base.symptoms[id].domain for id in symptoms]
        return next((one for one in counted if one in ("conduct", "elimination")), "developmental")
    if base.categories[name].chapter.startswith("Bipolar"):
        return "mania"
    if name == "prolonged_grief_disorder":
        return "grief"
    counted = [base.symptoms[id].domain for id in symptoms]
    counted = [domain for domain in counted if domain in bank("circumstances.domains")]
    return counted[0] if counted else "mood"


def _days(category: Category, speaker: Person, voice: Voice, rng: random.Random) -> int:
    low = max(3.0, category.duration.min_days or 21)
    high = min(category.duration.max_days or low * 6 + 30, 365 * 12)
    if category.chapter.startswith("Neurocognitive") and category.id != "delirium":
        low, high = 300, 1600
    if category.id == "delirium":
        low, high = 2, 9
    if category.id == "posttraumatic_stress_disorder":
        high = 3000
    if voice.kind.startswith("carer"):
        high = min(high, 365 * 4)
    low = min(low, high)
    return round(min(low * (high / low) ** (0.15 + 0.7 * rng.random()), 365 * max(1, speaker.age - 10)))


def _risk(domain: str, voice: Voice, speaker: Person, level: int, rng: random.Random) -> int:
    if voice.kind != SELF or level < 2 or domain not in RISK_DOMAINS or rng.random() > 0.22:
        return 0
    return rng.choices((1, 2, 3, 4, 5, 6), (5, 5, 3, 2, 1, 1))[0]


def _modality(
    base: Knowledge, name: str, voice: Voice, allowed: tuple[str, ...], rng: random.Random, seed: int, index: int
) -> str:
    if allowed:
        return rng.choice(allowed)
    category = base.categories[name]
    suited = {one.modality for one in category.interventions if one.modality in MODALITIES}
    suited |= {one["id"] for one in base.frameworks["modalities"]["modalities"] if name in one.get("indications", ())}
    if voice.kind != SELF:
        suited = {"family", "person_centred"} | ({"cbt"} if voice.kind.startswith("carer") else set())
    if category.chapter.startswith(("Schizophrenia", "Neurocognitive")):
        suited -= {"psychodynamic", "emdr_informed"}
    general = ("person_centred", "act", "interpersonal", "psychodynamic", "dbt", "motivational_interviewing")
    others = [one for one in general if one not in suited and voice.kind == SELF]
    drawn = balanced(MODALITIES, seed, "modality", index)
    if drawn in suited or drawn in others:
        return drawn
    return rng.choice(sorted(suited) or others or ["person_centred"])
