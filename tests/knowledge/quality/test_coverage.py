import pytest

from pixel.knowledge.loading import Knowledge
from pixel.knowledge.quality.coverage import coverage, criterion_coverage
from pixel.knowledge.schema import Category


@pytest.fixture(scope="module")
def base():
    category = Category.model_validate(
        {
            "id": "made_up",
            "name": "Made up",
            "chapter": "None",
            "icd10cm": ["F99"],
            "summary": "A category for tests.",
            "criteria": [
                {"id": "A", "text": "Worry.", "any_of": ["worry"], "core": True},
                {"id": "C", "text": "Body.", "items": [{"id": "C1", "text": "Tired.", "any_of": ["fatigue"]}]},
                {"id": "D", "text": "A clinician judges."},
            ],
            "duration": {},
            "onset": {},
            "impairment": "required",
            "exclusions": [],
            "course": "Varied.",
            "specifiers": [],
            "differentials": [{"with": "made_up", "separates": "Nothing."}],
            "comorbidity": [],
            "risk": ["Low."],
            "interventions": [{"name": "Talk", "modality": "cbt", "level": "first_line", "source": "None at all"}],
            "questions": ["What is it like?"] * 3,
        }
    )
    return Knowledge({}, {"made_up": category}, {})


def talk(*rationale):
    messages = [{"role": ("user", "assistant")[i % 2], "content": "Words."} for i in range(len(rationale))]
    return {"messages": messages, "category": "made_up", "rationale": list(rationale)}


def test_disclosed_asked_and_missing_criteria_are_told_apart(base):
    (found,) = coverage(talk(["worry"], {"asks": ["made_up.C1"]}), base)
    assert (found.disclosed, found.asked, found.missing, found.share) == (("A",), ("C",), (), 1.0)
    (found,) = coverage(talk(["worry"], None), base)
    assert found.missing == ("C",) and found.share == 0.5


def test_the_core_has_to_come_up(base):
    assert [d.kind for d in criterion_coverage(talk(["fatigue"], []), base=base)] == ["core_not_covered"]
    assert criterion_coverage(talk(["worry"], []), base=base) == []


def test_ids_that_do_not_exist_are_named(base):
    (defect,) = criterion_coverage(talk(["worry"], ["made_up.Z9"]), base=base)
    assert defect.kind == "dangling_rationale" and defect.turn == 1


def test_thin_coverage_is_a_defect_where_asked_for(base):
    assert [d.kind for d in criterion_coverage(talk(["worry"], []), 0.8, base)] == ["thin_coverage"]


def test_without_rationale_or_category_there_is_nothing_to_say(base):
    assert criterion_coverage({"messages": []}, base=base) == []
    assert coverage({"messages": [], "rationale": []}, base) == []
