"""Passages: every part of every category once, and nothing that is held back for tests."""

from pixel.knowledge.loading import knowledge
from pixel.knowledge.passages import knowledge_passages
from pixel.models.labels_clinical import DSM_CATEGORIES


def test_every_category_has_its_seven_passages():
    passages = knowledge_passages()
    for name in DSM_CATEGORIES:
        for part in ("summary", "criteria", "words", "differentials", "course", "interventions", "questions"):
            assert len(passages[f"dsm/{name}#{part}"]) > 40


def test_each_framework_has_passages():
    frameworks = {id.split("/")[0] for id in knowledge_passages()}
    assert {"pdm2", "attachment", "defences", "modalities", "instruments"} <= frameworks


def test_what_is_held_back_is_in_no_passage():
    text = " ".join(knowledge_passages().values())
    held = [s for name in ("attachment", "defences") for s in _held(knowledge().frameworks[name])]
    held += [sentence for symptom in knowledge().symptoms.values() for sentence in symptom.held_back]
    assert len(held) > 300
    assert not [sentence for sentence in held if sentence in text]


def _held(content) -> list[str]:
    if isinstance(content, dict):
        return content.get("held_back", []) + [s for value in content.values() for s in _held(value)]
    return [s for item in content for s in _held(item)] if isinstance(content, list) else []
