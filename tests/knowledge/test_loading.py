"""Reading the knowledge base: strict about fields, both sides of a differential, outside folders on top."""

import pytest
import yaml

from pixel.knowledge.errors import KnowledgeError
from pixel.knowledge.loading import load_knowledge
from tests.knowledge.parts import category, symptom, two, write_base


def test_a_differential_said_once_stands_on_both_sides(tmp_path):
    first = category("one", ["fear"], "two")
    second = category("two", ["fear"], "three")
    third = category("three", ["fear"], "two")
    base = load_knowledge(write_base(tmp_path, [first, second, third], [symptom("fear")]))
    pairs = {(name, d.other): d.separates for name, c in base.categories.items() for d in c.differentials}
    assert pairs["two", "one"] == pairs["one", "two"] == "What separates it from two."
    assert set(pairs) == {("one", "two"), ("two", "one"), ("two", "three"), ("three", "two")}


def test_outside_entries_are_added_or_take_the_place_of_ours(tmp_path):
    base = two(tmp_path / "base")
    changed = category("one", ["fear"], "two", summary="Changed by a clinic.")
    outside = write_base(tmp_path / "clinic", [changed, category("new", ["sorrow"], "one")], [symptom("sorrow")])
    merged = load_knowledge(base, outside=[outside])
    assert merged.categories["one"].summary == "Changed by a clinic."
    assert merged.categories["new"].symptoms == ["sorrow"] and "sorrow" in merged.symptoms
    assert "new" in [d.other for d in merged.categories["one"].differentials]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"impairment": "maybe"}, "impairment"),
        ({"colour": "blue"}, "colour"),
        ({"icd10cm": []}, "icd10cm"),
        ({"criteria": [{"id": "A", "text": "Criterion A.", "need": 0}]}, "criteria.0.need"),
    ],
)
def test_a_wrong_field_is_named_with_file_and_entry(tmp_path, changes, field):
    with pytest.raises(KnowledgeError, match=rf"one\.yaml, row one, field '{field}'.*Mend:"):
        load_knowledge(two(tmp_path, first=changes))


def test_broken_yaml_names_the_line(tmp_path):
    two(tmp_path)
    (tmp_path / "dsm" / "one.yaml").write_text("id: one\nname: [unclosed\n")
    with pytest.raises(KnowledgeError, match=r"one\.yaml: is not YAML .*line"):
        load_knowledge(tmp_path)


def test_a_key_that_stands_twice_is_refused(tmp_path):
    two(tmp_path)
    file = tmp_path / "dsm" / "one.yaml"
    file.write_text(file.read_text() + "summary: Another summary.\n")
    with pytest.raises(KnowledgeError, match="'summary' stands twice"):
        load_knowledge(tmp_path)


def test_a_value_that_contains_itself_is_refused(tmp_path):
    two(tmp_path)
    (tmp_path / "symptoms" / "made.yaml").write_text("- &a\n  id: fear\n  name: *a\n")
    with pytest.raises(KnowledgeError, match="contains itself"):
        load_knowledge(tmp_path)


def test_a_file_named_otherwise_than_its_id_is_refused(tmp_path):
    two(tmp_path)
    (tmp_path / "dsm" / "one.yaml").rename(tmp_path / "dsm" / "uno.yaml")
    with pytest.raises(KnowledgeError, match="name the file after its id"):
        load_knowledge(tmp_path)


def test_bytes_that_are_no_utf8_and_a_list_where_a_mapping_belongs(tmp_path):
    two(tmp_path)
    (tmp_path / "dsm" / "one.yaml").write_bytes(b"id: \xff")
    with pytest.raises(KnowledgeError, match="UTF-8"):
        load_knowledge(tmp_path)
    (tmp_path / "dsm" / "one.yaml").write_text(yaml.safe_dump(["one"]))
    with pytest.raises(KnowledgeError, match="is no mapping but list"):
        load_knowledge(tmp_path)


def test_an_id_twice_in_one_folder_is_refused(tmp_path):
    two(tmp_path)
    (tmp_path / "symptoms" / "more.yaml").write_text(yaml.safe_dump([symptom("fear")]))
    with pytest.raises(KnowledgeError, match="this id is taken"):
        load_knowledge(tmp_path)


def test_an_outside_folder_without_knowledge_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(KnowledgeError, match="neither dsm/ nor symptoms/"):
        load_knowledge(two(tmp_path / "base"), outside=[tmp_path / "empty"])
