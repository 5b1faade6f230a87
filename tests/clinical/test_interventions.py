"""Safety first, evidence named, what would harm now held back, and reasons that lead into the knowledge base."""

import pytest

from pixel.clinical.interventions import CONDITIONS, SEVERITIES, recommend
from pixel.knowledge.errors import KnowledgeError
from pixel.knowledge.loading import knowledge
from pixel.knowledge.passages import knowledge_passages
from pixel.models.labels_clinical import DSM_CATEGORIES

DEPRESSION = {"major_depressive_disorder": 0.8}


def test_a_calm_picture_gets_first_lines_with_their_sources():
    found = recommend(DEPRESSION)
    assert found.now == () and found.held == ()
    assert {item.level for item in found.suitable[:3]} == {"first_line"} and found.suitable[0].source == "NICE NG222"


def test_in_danger_safety_comes_first_and_therapy_waits():
    found = recommend(DEPRESSION, risk_level=5)
    assert found.now[0].level == "emergency" and found.now[0].reasons[0].id == "safety/ladder/rung_5"
    assert {item.modality for item in found.suitable} == {"other"}
    assert {"cbt", "interpersonal", "psychodynamic"} <= {item.modality for item in found.held}
    assert all(item.cautions for item in found.held)


def test_another_crisis_brings_its_own_steps_before_the_ladders():
    found = recommend(DEPRESSION, risk_level=1, kind="overdose")
    assert (
        found.now[0].reasons[0].id == "safety/kinds/overdose" and found.now[-1].reasons[0].id == "safety/ladder/rung_1"
    )
    assert found.now[0].level == "emergency"


def test_psychosis_holds_back_the_opening_of_memories_and_violence_joint_work():
    trauma = {"posttraumatic_stress_disorder": 0.9}
    assert "emdr_informed" in {item.modality for item in recommend(trauma).suitable}
    voices = recommend(trauma, symptoms=["hearing_voices"])
    assert [item.modality for item in voices.held] == ["emdr_informed"]
    family = recommend({"conduct_disorder": 0.9}, kind="abuse")
    assert "family" in {item.modality for item in family.held}


def test_with_a_mild_picture_the_prescriber_weighs_half_and_with_a_severe_one_adjuncts_more():
    review = {
        severity: weights(DEPRESSION, severity)["Medication review with a prescriber"] for severity in SEVERITIES
    }
    assert review["mild"] == pytest.approx(review["moderate"] / 2) and review["severe"] == review["moderate"]
    name = next(
        n for n in DSM_CATEGORIES if any(i.level == "adjunct" for i in knowledge().categories[n].interventions)
    )
    extra = next(i.name for i in knowledge().categories[name].interventions if i.level == "adjunct")
    assert weights({name: 1.0}, "severe")[extra] == pytest.approx(1.5 * weights({name: 1.0}, "moderate")[extra])


def weights(categories: dict, severity: str) -> dict[str, float]:
    return {item.name: item.weight for item in recommend(categories, severity=severity).suitable}


def test_two_categories_with_one_intervention_name_both():
    pair = {"bulimia_nervosa": 0.6, "binge_eating_disorder": 0.5}
    names = [item.name for item in recommend(pair).suitable]
    assert len(names) == len(set(zip(names, [item.modality for item in recommend(pair).suitable], strict=True)))


def test_attachment_and_defences_shape_the_manner():
    found = recommend(DEPRESSION, attachment="avoidant", defences=["acting_out"])
    assert {reason.id for reason in found.manner} == {"attachment/styles/avoidant", "defences/defences/acting_out"}
    deep = next(item for item in found.suitable if item.modality == "psychodynamic")
    assert "defences/defences/acting_out" in {reason.id for reason in deep.cautions}


def test_every_category_has_something_and_every_reason_leads_somewhere():
    known = set(knowledge_passages())
    for name in DSM_CATEGORIES:
        found = recommend({name: 1.0}, attachment="anxious", kind="self_harm", risk_level=3)
        assert found.suitable or found.held, name
        items = [*found.now, *found.suitable, *found.held]
        reasons = [reason for item in items for reason in (*item.reasons, *item.cautions)]
        assert {reason.id for reason in [*reasons, *found.manner]} <= known


def test_every_condition_is_spoken_of_by_some_contraindication():
    import re

    told = [c["when"] for m in knowledge().frameworks["modalities"]["modalities"] for c in m["contraindications"]]
    for name, pattern in CONDITIONS.items():
        assert any(re.search(pattern, when, re.IGNORECASE) for when in told), name


def test_an_improbable_category_does_not_count_and_unknown_ids_are_named():
    assert recommend({"panic_disorder": 0.05}).suitable == ()
    for wrong in ({"categories": {"nerves": 1.0}}, {"attachment": "clingy"}, {"defences": ["shield"]}):
        with pytest.raises(KnowledgeError, match="there is no"):
            recommend(**({"categories": DEPRESSION} | wrong))
    for wrong in ({"severity": "bad"}, {"conditions": ["weather"]}):
        with pytest.raises(ValueError, match="Mend: "):
            recommend(DEPRESSION, **wrong)
