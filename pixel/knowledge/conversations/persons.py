"""Who comes: age, gender, culture, occupation, family and manner, each in balance over the whole set."""

import random
from dataclasses import dataclass, field

from pixel.knowledge.conversations.design import balanced
from pixel.knowledge.conversations.grammar import bank
from pixel.models.labels_clinical import ATTACHMENT_STYLES

STYLES = ("guarded", "open", "circling", "minimising", "flooding", "matter_of_fact", "testing")
DEFENCES = (
    "affiliation", "altruism", "anticipation", "humour", "self_assertion", "self_observation", "sublimation",
    "suppression", "isolation_of_affect", "intellectualisation", "undoing", "repression", "dissociation",
    "reaction_formation", "displacement", "denial", "rationalisation", "projection", "autistic_fantasy",
    "devaluation_of_self", "devaluation_of_others", "idealisation_of_self", "idealisation_of_others", "omnipotence",
    "splitting_of_self", "splitting_of_others", "projective_identification", "passive_aggression",
    "help_rejecting_complaining", "acting_out",
)  # fmt: skip

THEMES = (
    ("crash", "assault", "war", "violence", "home_violence"),
    ("spiders", "needles", "dogs", "heights", "flying"),
    ("diabetes", "heart", "asthma", "bowel", "pressure"),
)
"""What can have happened to somebody, be feared, or be ill: one of each, so that a story holds together."""


@dataclass(frozen=True)
class Person:
    """
    Somebody made up.

    Attributes:
        age: in years.
        band: `teen`, `young`, `adult`, `midlife` or `older`.
        gender: `woman`, `man` or `nonbinary`.
        culture, family: ids of `grammar/people.yaml`.
        occupation: what they say of it.
        style, attachment, defence: how they tell, relate, and protect themselves.
        has: everything that sentences may take for granted (see `fitting`).
    """

    age: int
    band: str
    gender: str
    culture: dict
    family: dict
    occupation: str
    style: str
    attachment: str
    defence: str
    has: frozenset[str] = field(default_factory=frozenset)


def person(
    seed: int,
    index: int,
    rng: random.Random,
    bands: tuple[str, ...] | None = None,
    genders: tuple[str, ...] | None = None,
    parent: bool = False,
) -> Person:
    """
    The person of row `index`. Every factor is balanced over the rows; where a category allows only some levels, the
    balanced one is taken if it is among them, else one of them by chance.

    Args:
        seed, index: of the design.
        rng: of the row.
        bands, genders: what the category allows; all by default.
        parent: whether they speak about a child of theirs.
    """
    people = bank("people")
    ages, all_genders = tuple(people["ages"]), tuple(people["genders"])

    def of(levels, factor, allowed=None):
        level = balanced(levels, seed, factor, index)
        allowed = [one for one in (allowed or levels) if one in levels]
        return level if level in allowed else rng.choice(allowed)

    band = of(ages, "age", bands)
    gender = of(all_genders, "gender", genders)
    low, high = people["ages"][band]["low"], people["ages"][band]["high"]
    families = [one for one in people["families"] if band in one["ages"]]
    if parent:
        families = [one for one in families if "children" in one["has"]] or families
    family = balanced(families, seed, f"family:{band}:{parent}", index)
    occupation = balanced(people["occupations"][band], seed, f"occupation:{band}", index)
    has = {gender, band, *family["has"], *occupation["has"], "siblings" if index % 2 else "only_child"}
    has |= {"pet"} if index % 3 == 0 or family["id"] == "alone" else set()
    has |= {"single"} if "partner" not in has else set()
    has |= {"grown"} if band != "teen" else set()
    has |= {"young"} if band == "teen" else set()
    has |= {"no_longer_young"} if band in ("midlife", "older") else set()
    has |= {"pupil"} if "school" in has else set()
    has |= {"partner_young"} if "partner" in has and band == "young" and not {"wife", "husband"} & has else set()
    has |= {"fertile"} if band in ("young", "adult") else set()
    has |= {"parents_alive"} if band == "teen" or family["id"] in ("back_home", "grandmother") else set()
    has |= {rng.choice(group) for group in THEMES}
    return Person(
        age=rng.randint(low, high),
        band=band,
        gender=gender,
        culture=balanced(people["cultures"], seed, "culture", index),
        family=family,
        occupation=occupation["say"],
        style=balanced(STYLES, seed, "style", index),
        attachment=balanced(ATTACHMENT_STYLES, seed, "attachment", index),
        defence=balanced(DEFENCES, seed, "defence", index),
        has=frozenset(has),
    )
