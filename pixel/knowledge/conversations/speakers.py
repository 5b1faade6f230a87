"""Who can come with which category: whose voice, which ages and genders, and what is then true of them."""

import random
from dataclasses import replace

from pixel.knowledge.conversations.design import balanced
from pixel.knowledge.conversations.persons import Person, person
from pixel.knowledge.conversations.voices import SELF, Voice

CARED_FOR = {
    "intellectual_developmental_disorder", "language_and_speech_sound_disorders", "social_communication_disorder",
    "stereotypic_movement_disorder", "developmental_coordination_disorder", "enuresis", "encopresis",
    "reactive_attachment_disorder", "disinhibited_social_engagement_disorder", "oppositional_defiant_disorder",
    "conduct_disorder", "disruptive_mood_dysregulation_disorder", "selective_mutism", "specific_learning_disorder",
}  # fmt: skip
OLD = {"delirium", "major_neurocognitive_disorder"}
MEN = {"erectile_disorder", "premature_ejaculation", "delayed_ejaculation", "male_hypoactive_sexual_desire_disorder"}
WOMEN = {
    "premenstrual_dysphoric_disorder", "female_orgasmic_disorder", "female_sexual_interest_arousal_disorder",
    "genito_pelvic_pain_penetration_disorder",
}  # fmt: skip
LEFT_OUT = {"acted_without_consent", "sexual_coercion", "weapon_use", "suicidal_thoughts", "suicide_attempt",
            "passive_death_wish", "self_harm", "thoughts_of_harming_others"}  # fmt: skip
"""Symptoms that are told by a script of their own (`risk_talk`), or by none."""
RISK_DOMAINS = {"grief", "mood", "trauma", "interpersonal", "substance", "psychosis", "eating"}
SUBSTANCES = ("alcohol", "cannabis", "hallucinogen", "opioid", "sedative", "stimulant", "tobacco")
SEVERITIES = ("mild", "moderate", "severe")
LOST = (("husband", "he"), ("wife", "she"), ("mother", "she"), ("father", "he"), ("son", "he"), ("daughter", "she"))


def tags(name: str, rng: random.Random | None = None) -> frozenset[str]:
    """What a category makes true of a person: which substance."""
    found = {substance for substance in (*SUBSTANCES, "gambling") if name.startswith(substance)}
    if name == "substance_medication_induced_psychotic_disorder" and rng:
        found.add(rng.choice(("cannabis", "stimulant", "sedative", "hallucinogen")))
    return frozenset(found | ({"illegal"} if found & {"cannabis", "hallucinogen", "opioid", "stimulant"} else set()))


def speaker_for(name: str, seed: int, index: int, rng: random.Random) -> tuple[Person, Voice]:
    if name in CARED_FOR:
        voice = Voice(f"carer_{balanced(('he', 'she'), seed, 'child', index)}")
        pronoun = voice.kind.split("_")[1]
        return person(seed, index, rng, bands=("adult", "midlife"), parent=True), Voice(voice.kind, pronoun)
    if name in OLD:
        pronoun = balanced(("he", "she"), seed, "elder", index)
        return person(seed, index, rng, bands=("adult", "midlife")), Voice(f"elder_{pronoun}", pronoun)
    genders = ("man",) if name in MEN else ("woman",) if name in WOMEN else None
    bands: tuple[str, ...] | None = None
    if (
        name in MEN | WOMEN
        or name.endswith("personality_disorder")
        or "paraphilic" in name
        or tags(name) & {*SUBSTANCES, "gambling"}
    ):
        bands = ("young", "adult", "midlife", "older")
    if name == "premenstrual_dysphoric_disorder":
        bands = ("young", "adult")
    if name == "mild_neurocognitive_disorder":
        bands = ("older",)
    if name in ("prolonged_grief_disorder",):
        lost, pronoun = balanced(LOST, seed, "lost", index)
        speaker = person(seed, index, rng, bands=("adult", "midlife", "older"), genders=genders)
        if lost in ("husband", "wife"):
            speaker = replace(speaker, has=speaker.has - {"husband", "wife", "partner", "partner_young"} | {"single"})
        return speaker, Voice(SELF, pronoun, lost)
    return person(seed, index, rng, bands=bands, genders=genders), Voice()


def allows(name: str, speaker: Person) -> bool:
    if name in CARED_FOR | OLD or name == "prolonged_grief_disorder":
        return False
    if (name in MEN and speaker.gender != "man") or (name in WOMEN and speaker.gender != "woman"):
        return False
    grown = (
        name in MEN | WOMEN
        or tags(name) & {*SUBSTANCES, "gambling"}
        or name.endswith("personality_disorder")
        or "paraphilic" in name
    )
    return not (grown and speaker.band == "teen")
