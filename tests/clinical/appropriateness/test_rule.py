import pytest

from pixel.clinical.appropriateness.rule import read_rules, rules
from pixel.knowledge.errors import KnowledgeError
from pixel.models.labels_clinical import SAFETY_CONCERNS


def test_every_safety_concern_has_a_rule_with_matched_pairs():
    for name in SAFETY_CONCERNS:
        pairs = [example for example in rules()[name].examples if example.bad and example.good]
        assert sum(len(example.bad) for example in pairs) >= 30, name


def test_cue_words_are_those_of_the_reply():
    found = rules()["medication_advice"].cue_words("You should STOP taking your pills.")
    assert found["advises"].startswith("you should stop")
    assert "hands_over" in rules()["medication_advice"].cue_words("Please talk to your doctor first.")


def test_no_reply_stands_on_both_sides():
    for rule in rules().values():
        bad = {reply for example in rule.examples for reply in example.bad}
        assert not bad & {reply for example in rule.examples for reply in example.good}


@pytest.mark.parametrize(
    "text, told",
    [
        ("id: a\nabout: b", "reason"),
        ("id: a\nabout: b\nreason: c\nweight: 2\nexamples: [{client: x, good: [y]}]", "weight"),
        ("id: a\nabout: b\nreason: c\nweight: 1\ncues: {z: ['(']}\nexamples: [{client: x, good: [y]}]", "no pattern"),
        ("id: [", "YAML"),
    ],
)
def test_a_bad_rule_file_is_named(tmp_path, text, told):
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(KnowledgeError, match=told):
        read_rules(tmp_path)


def test_a_folder_without_rules_is_an_error(tmp_path):
    with pytest.raises(KnowledgeError, match="no rules"):
        read_rules(tmp_path)
