"""Whole conversations: sound, safe by the script, reproducible, with reasons that lead back to the knowledge base."""

import json

import pytest

from pixel.data.schema import validate
from pixel.knowledge.conversations.generator import Settings, default_gates, make, row_id
from pixel.knowledge.loading import knowledge
from pixel.models.labels import FIELDS


@pytest.fixture(scope="module")
def rows():
    made = [make(knowledge(), Settings(seed=2, switches=0.3), index, default_gates()) for index in range(60)]
    return [one.row for one in made if one.row]


def test_every_row_fits_the_schema_and_passes_every_gate(rows):
    assert len(rows) == 60
    for row in rows:
        validate({name: row[name] for name in ("id", "messages", "learn", *FIELDS)})
        assert [gate(row) for gate in default_gates()] == [[]] * len(default_gates())


def test_a_row_depends_on_its_number_alone(rows):
    again = make(knowledge(), Settings(seed=2, switches=0.3), 31, default_gates()).row
    assert json.dumps(again, sort_keys=True) == json.dumps(rows[31], sort_keys=True)


def test_reasons_name_symptoms_and_techniques_that_exist(rows):
    base = knowledge()
    techniques = {
        f"modalities/{one['id']}/{t['id']}"
        for one in base.frameworks["modalities"]["modalities"]
        for t in one["techniques"]
    }
    for row in rows:
        for reason in row["rationale"]:
            assert set(reason.get("symptoms", ())) <= set(base.symptoms)
            assert reason.get("technique") is None or reason["technique"] in techniques


def test_every_core_symptom_that_is_planned_is_told(rows):
    for row in rows:
        told = {symptom for reason in row["rationale"] for symptom in reason.get("symptoms", ())}
        planned = set(row["scenario"]["symptoms"])
        assert planned <= told | {"suicidal_thoughts"} or row["scenario"]["risk"]


def test_the_goal_is_agreed_before_it_is_worked_on_and_reviewed(rows):
    order = ("asked", "agreed", "worked_on", "reviewed")
    for row in rows:
        seen = [reason["goal"] for reason in row["rationale"] if "goal" in reason and reason["goal"] in order]
        assert seen == sorted(seen, key=order.index)


@pytest.fixture(scope="module")
def in_danger():
    base, found = knowledge(), {}
    for index in range(400):
        row = make(base, Settings(seed=4, categories=("major_depressive_disorder",)), index).row
        if row["scenario"]["risk"]:
            found.setdefault(row["scenario"]["risk"], row)
    return found


def test_danger_is_asked_about_directly_and_ends_in_safety(in_danger):
    assert {2, 4} & set(in_danger)
    for level, row in in_danger.items():
        levels = [risk for risk in row["risk"] if risk is not None]
        assert max(levels) == level
        first = row["risk"].index(level)
        asked = row["messages"][first - 1]["content"].lower()
        assert any(word in asked for word in ("suicide", "killing yourself", "dying", "ending your life"))
        after = " ".join(m["content"] for m in row["messages"][first:] if m["role"] == "assistant").lower()
        assert "emergency" in after and ("doctor" in after or "emergency services" in after or "department" in after)


def test_a_rejected_row_is_dropped_and_another_seed_gives_other_words():
    settings = Settings(seed=2, dropped=frozenset({row_id(Settings(seed=2), 3)}))
    assert make(knowledge(), settings, 3).row is None
    first, second = (make(knowledge(), Settings(seed=seed), 3).row["messages"] for seed in (2, 9))
    assert first[0] != second[0]


def test_a_conversation_that_a_gate_refuses_is_made_anew():
    from pixel.knowledge.quality.defect import Defect

    refused = []

    def gate(row):
        refused.append(row["messages"][0]["content"])
        return [Defect("test", None, "no")] if len(refused) < 3 else []

    made = make(knowledge(), Settings(seed=2), 0, [gate])
    assert made.row and made.defects == ["test", "test"] and len(set(refused)) > 1


def writer_that_says(*texts):
    """A `ModelWriter` without a model: it says these in turn, again and again."""
    from itertools import cycle

    from pixel.knowledge.conversations.rewriting import ModelWriter

    writer, said = object.__new__(ModelWriter), cycle(texts)
    writer.written = writer.kept = 0
    writer.close = lambda draft, text: True
    writer.write = lambda before, turn, seed: next(said)
    return writer


def test_a_models_words_stand_where_they_pass_and_the_grammars_where_not(in_danger):
    settings = Settings(seed=2)
    plain = make(knowledge(), settings, 5).row["messages"]
    nonsense = make(knowledge(), settings, 5, (), writer_that_says("Therapist: hi there you.", "(")).row["messages"]
    assert nonsense == plain
    texts = [f"I hear you, and I wonder what number {number} means." for number in range(40)]
    spoken = make(knowledge(), settings, 5, (), writer_that_says(*texts)).row
    for message, before, reason in zip(spoken["messages"], plain, spoken["rationale"], strict=True):
        changed = message["content"] != before["content"]
        assert changed == (reason.get("writer") == "model") and (not changed or message["role"] == "assistant")
    assert any(reason.get("writer") for reason in spoken["rationale"])


def test_a_models_words_never_replace_those_in_a_crisis(in_danger):
    row = next(iter(in_danger.values()))
    index, settings = int(row["id"][-7:]), Settings(seed=4, categories=("major_depressive_disorder",))
    texts = [f"I hear you, and I wonder what number {number} means." for number in range(60)]
    spoken = make(knowledge(), settings, index, (), writer_that_says(*texts)).row
    from pixel.models.labels import PERSONA_CONTEXTS

    crisis = [c == PERSONA_CONTEXTS.index("crisis") for c in row["persona_context"]]
    assert any(crisis)
    for now, before, acute in zip(spoken["messages"], row["messages"], crisis, strict=True):
        assert not acute or now == before


def test_a_models_reply_is_cut_to_whole_sentences_or_refused():
    from pixel.knowledge.conversations.rewriting import clean

    assert clean("Therapist: hello there my friend.") is None
    assert clean("You have bipolar disorder, I am sure of it.") is None
    assert clean("That sounds hard. What was the worst") == "That sounds hard."
