"""The safety file is complete, its ids exist, and urgency only rises along the ladder."""

import pytest

from pixel.clinical.crisis import KINDS
from pixel.clinical.phrases import written_out
from pixel.clinical.risk_reading import URGENCIES
from pixel.clinical.safety_guide import ACUTE, load_guide, safety_guide
from pixel.knowledge.errors import KnowledgeError
from pixel.knowledge.loading import knowledge
from pixel.knowledge.passages import knowledge_passages


def test_every_rung_is_there_and_urgency_and_acuity_never_fall():
    ladder = safety_guide().ladder
    assert [rung.level for rung in ladder] == list(range(7))
    for order, name in ((URGENCIES, "urgency"), (ACUTE, "acute")):
        places = [order.index(getattr(rung, name)) for rung in ladder]
        assert places == sorted(places) and places[0] == 0 and places[6] == len(order) - 1


def test_every_kind_that_the_detector_names_has_a_response():
    guide = safety_guide()
    assert all(guide.kind(kind) for kind in KINDS if kind != "none") and guide.kind("none") is None


def test_ids_stand_once_and_symptoms_exist():
    guide = safety_guide()
    lists = [getattr(guide, name) for name in type(guide).model_fields]
    ids = [item.id for items in lists for item in items]
    assert len(ids) == len(set(ids))
    for factor in [*guide.risk_factors, *guide.protective_factors]:
        assert set(factor.symptoms) <= set(knowledge().symptoms), factor.id


def test_cues_are_spelled_as_texts_are_read():
    guide = safety_guide()
    cues = [factor.cues for factor in [*guide.risk_factors, *guide.protective_factors]]
    cues += [cue for question in guide.inquiry for cue in (question.asked, question.told)]
    cues += [part.said for part in guide.safety_plan]
    assert all(written_out(phrase) == phrase and cue.found(phrase) for cue in cues for phrase in cue.phrases)


def test_each_part_is_a_passage_and_no_cue_is():
    passages = knowledge_passages()
    assert {
        "safety/ladder/rung_4",
        "safety/kinds/overdose",
        "safety/do_not/not_method",
        "safety/steps/inquiry",
    } <= set(passages)
    assert "tried to kill myself" not in " ".join(text for id, text in passages.items() if id.startswith("safety/"))


def test_a_field_that_is_missing_is_named(tmp_path):
    file = tmp_path / "safety.yaml"
    file.write_text("steps: []\n")
    with pytest.raises(KnowledgeError, match="steps"):
        load_guide(file)
