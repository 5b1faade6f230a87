"""The grammar holds together: its lines are the modalities' lines, its slots have fillings, its ids exist."""

import random

import pytest

from pixel.knowledge.conversations.grammar import Chooser, bank, banks, said, template_id
from pixel.knowledge.conversations.persons import DEFENCES, STYLES
from pixel.knowledge.conversations.wording import slots
from pixel.knowledge.errors import KnowledgeError
from pixel.knowledge.loading import knowledge
from pixel.models.labels_clinical import ATTACHMENT_STYLES, DEFENCE_LEVELS

KNOWN = {
    "concern", "feeling", "goal", "strength", "value", "situation", "span", "he", "him", "his", "child", "clause",
    "clause2", "quote", "gain",
}  # fmt: skip


def sentences(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from sentences(part)
    elif isinstance(value, list):
        for part in value:
            yield from sentences(part)


def modalities():
    return {one["id"]: one for one in knowledge().frameworks["modalities"]["modalities"]}


def test_every_line_with_answers_is_a_line_of_its_modality():
    for name, techniques in bank("exchanges").items():
        entries = {one["id"]: one for one in modalities()[name]["techniques"]}
        for technique, lines in techniques.items():
            assert [line["line"] for line in lines] == entries[technique]["therapist_lines"], (name, technique)


def test_every_technique_that_one_person_can_take_part_in_has_answers():
    for name, entry in modalities().items():
        alone = {one["id"] for one in entry["techniques"] if one.get("only_if") != "others_present"}
        assert alone <= set(bank(f"exchanges.{name}"))


def test_rules_on_lines_name_lines_that_exist():
    lines = {line for entry in modalities().values() for one in entry["techniques"] for line in one["therapist_lines"]}
    assert not [line for rule in bank("lines").values() for line in rule if line not in lines]


def test_every_slot_is_one_that_somebody_fills():
    assert {name for text in sentences(banks()) for name in slots(text)} <= KNOWN


def test_clauses_belong_to_symptoms_and_manners_to_answers_that_have_a_reply():
    assert set(bank("symptom_clauses")) <= set(knowledge().symptoms)
    manners = {
        next(iter(a)) for t in bank("exchanges").values() for ls in t.values() for x in ls for a in x["answers"]
    }
    assert manners <= set(bank("reflections.by_manner"))


def test_styles_attachments_and_defences_have_words():
    assert set(STYLES) == set(bank("clients.styles"))
    assert set(bank("clients.attachment")) == set(ATTACHMENT_STYLES)
    assert set(bank("clients.defences")) == set(DEFENCES)
    assert {one["id"] for one in knowledge().frameworks["defences"]["defences"]} == set(DEFENCES)
    assert set(bank("clients.defence_reply")) <= set(DEFENCE_LEVELS)


def test_a_weight_of_zero_takes_a_sentence_out_and_nothing_comes_twice_while_there_is_another():
    path = "openings.hello"
    options = bank(path)[:3]
    chooser = Chooser(random.Random(0), {template_id(path, options[0]): 0.0}, lambda text: True)
    assert {chooser.choose(path, options), chooser.choose(path, options)} == set(options[1:])


def test_what_does_not_fit_is_never_chosen():
    chooser = Chooser(random.Random(0), {}, lambda text: "wife" not in text)
    assert all(said(chooser.choose("x", ["my wife", "my cat"])) == "my cat" for _ in range(5))
    with pytest.raises(LookupError):
        chooser.choose("x", ["my wife"])


def test_a_bank_that_is_not_there_is_named():
    with pytest.raises(KnowledgeError, match="openings.farewell"):
        bank("openings.farewell")
