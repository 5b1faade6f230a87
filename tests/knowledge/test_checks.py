"""The checks find what was planted, and nothing in the base that ships."""

import pytest

from pixel.knowledge.checks import check, invalid_codes
from pixel.knowledge.loading import knowledge, load_knowledge
from pixel.models.labels_clinical import DSM_CATEGORIES
from tests.knowledge.parts import category, symptom, two, write_base


def kinds(folder) -> set[str]:
    return {defect.kind for defect in check(load_knowledge(folder))} - {"missing"}


def criterion(**changes) -> dict:
    return {"criteria": [{"id": "A", "text": "Criterion A.", "any_of": ["fear"], "core": True} | changes]}


def test_a_sound_base_has_no_defect(tmp_path):
    assert kinds(two(tmp_path)) == set()


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"comorbidity": ["nowhere"]}, "dangling"),
        ({"comorbidity": ["one"]}, "dangling"),
        (criterion(any_of=["unheard_of", "worry"]), "dangling"),
        (criterion(any_of=["fear", "worry"], need=3), "unmeetable"),
        (criterion(any_of=["fear", "worry"], core=False), "unmeetable"),
        ({"duration": {"min_days": 30, "max_days": 3}}, "range"),
        ({"exclusions": [{"id": "E", "kind": "medical", "text": "No.", "findings": ["gone"]}]}, "dangling"),
        (criterion(), "unused"),  # nothing asks for worry any more
    ],
)
def test_a_planted_defect_is_found(tmp_path, changes, kind):
    assert kinds(two(tmp_path, first=changes)) == {kind}


def test_categories_that_rule_each_other_out_are_a_cycle(tmp_path):
    def better(other):
        return {"exclusions": [{"id": "E", "kind": "disorder", "text": "Not better so.", "disorders": [other]}]}

    assert kinds(two(tmp_path, first=better("two"), second=better("one"))) == {"cycle"}
    assert kinds(two(tmp_path / "line", first=better("two"))) == set()


def test_a_sentence_of_two_symptoms_is_repeated(tmp_path):
    twin = symptom("worry") | {"phrasings": symptom("fear")["phrasings"]}
    base = write_base(tmp_path, [category("one", ["fear", "worry"], "two"), category("two", ["fear"], "one")],
                      [symptom("fear"), twin])  # fmt: skip
    assert kinds(base) == {"repeated"}


def test_a_differential_with_nobody_is_dangling(tmp_path):
    ghost = {"differentials": [{"with": "ghost", "separates": "All of it."}]}
    found = check(load_knowledge(two(tmp_path, first=ghost)))
    assert ("dangling", "one") in {(defect.kind, defect.entry) for defect in found}


def test_the_base_that_ships_is_whole():
    base = knowledge()
    assert check(base) == []
    assert sorted(base.categories) == sorted(DSM_CATEGORIES) and len(base.categories) == 100


def test_every_code_that_ships_is_in_force():
    pytest.importorskip("simple_icd_10_cm")
    assert invalid_codes(knowledge()) == []


def test_an_unknown_code_is_named(tmp_path):
    pytest.importorskip("simple_icd_10_cm")
    found = invalid_codes(load_knowledge(two(tmp_path, first={"icd10cm": ["F41.1", "F99.99", "F31"]})))
    assert [defect.entry for defect in found] == ["one", "one"]
    assert "'F99.99'" in found[0].problem and "'F31'" in found[1].problem  # F31 is a heading, not a code to bill
