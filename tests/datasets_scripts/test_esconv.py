import json

import pytest

from datasets_scripts.esconv import rows
from pixel.data.errors import ConversationError


def helper(text, *strategies):
    return {"speaker": "sys", "text": text, "strategy": strategies[0], "all_strategy": list(strategies)}


def seeker(text, feedback=None):
    return {"speaker": "usr", "text": text, "feedback": feedback}


DIALOGUE = {
    "init_intensity": 5, "final_intensity": 2,
    "dialog": [
        helper("Hi , what ' s up ?", "Greeting"), seeker("I ' m sad ."), helper("How long ?", "Question"),
        seeker("Weeks", "4"),
        helper("I had that . Try a walk", "Self-disclosure", "Providing Suggestions or Information"),
        seeker("Ok", "1"),
    ],
}  # fmt: skip


def write(raw_text, *dialogues):
    return raw_text("esconv/dialogues.jsonl", "\n".join(json.dumps(each) for each in dialogues))


def test_strategies_become_interventions_and_what_they_cannot_tell_apart_is_unknown(raw_text, named):
    (row,) = rows(write(raw_text, DIALOGUE))
    greeting, question, advice = (named("intervention", row["intervention"][turn]) for turn in (0, 2, 4))
    assert set(greeting.values()) == {0} and len(greeting) == 8
    assert {name for name, value in question.items() if value} == {"open_question"}
    assert "closed_question" not in question and question["advice"] == 0
    assert {name for name, value in advice.items() if value} == {"self_disclosure", "advice"}
    assert "information" not in advice and advice["closed_question"] == 0
    assert "validation" not in greeting and row["intervention"][1] is None


def test_distress_before_and_after_and_the_feedback_on_helper_turns(raw_text):
    (row,) = rows(write(raw_text, DIALOGUE))
    assert row["distress"] == [None, [1.0], None, None, None, [0.25]]
    assert row["eq_total"] == [None, None, [0.75], None, [0.0], None]


def test_roles_persona_and_spaces(raw_text):
    (row,) = rows(write(raw_text, DIALOGUE))
    assert [message["role"] for message in row["messages"]] == ["assistant", "user"] * 3
    assert [message["content"] for message in row["messages"]][:2] == ["Hi, what's up?", "I'm sad."]
    assert row["persona_mode"] == [0, None] * 3  # therapy
    assert row["persona_context"] == [None, 1] * 3  # emotional_support


@pytest.mark.parametrize(("change", "field"), [
    ({"init_intensity": 6}, "init_intensity"), ({"dialog": []}, "dialog"), ({"dialog": [{"speaker": "x"}]}, "speaker"),
    ({"dialog": [seeker("")]}, "text"), ({"dialog": [helper("Hm", "Hypnosis")]}, "strategy"),
])  # fmt: skip
def test_a_damaged_dialogue_is_named_and_can_be_skipped(raw_text, change, field):
    root = write(raw_text, DIALOGUE, DIALOGUE | change)
    with pytest.raises(ConversationError, match=f"dialogues.jsonl, row 1, field '{field}'"):
        list(rows(root))
    skipped = []
    assert len(list(rows(root, skipped))) == len(skipped) == 1


def test_a_line_that_is_not_json_is_named(raw_text):
    with pytest.raises(ConversationError, match="row 0, field 'dialog'"):
        list(rows(raw_text("esconv/dialogues.jsonl", '{"dialog": [')))
