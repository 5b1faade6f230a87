import pytest

from pixel.knowledge.quality.structure import structure

GOOD = ["I keep waking at four.", "What goes through your mind then?", "Work, mostly.", "What about work comes first?"]


def talk(*texts, roles=None):
    roles = roles or [("user", "assistant")[index % 2] for index in range(len(texts))]
    return {"messages": [{"role": r, "content": t} for r, t in zip(roles, texts, strict=True)]}


def kinds(conversation):
    return {defect.kind for defect in structure(conversation)}


def test_a_sound_conversation_has_no_defect():
    assert structure(talk(*GOOD)) == []


def test_a_system_message_may_stand_first():
    roles = ["system", "user", "assistant", "user", "assistant"]
    assert structure(talk("Be kind.", *GOOD, roles=roles)) == []


@pytest.mark.parametrize(
    "conversation, kind",
    [
        ({}, "no_messages"),
        ({"messages": "hello"}, "no_messages"),
        ({"messages": [None, 3]}, "malformed_turn"),
        (talk(*GOOD[:3]), "ends_on_client"),
        (talk(*GOOD[1:], roles=["assistant", "user", "assistant"]), "starts_on_therapist"),
        (talk(*GOOD, roles=["user", "user", "assistant", "assistant"]), "not_alternating"),
        (talk(GOOD[0], "...", *GOOD[2:]), "empty_turn"),
        (talk(*GOOD[:2], GOOD[0].upper(), GOOD[3]), "duplicate_turn"),
        (talk(*GOOD[:2]), "too_short"),
        (talk(*GOOD, roles=["user", "assistant", "user", "bot"]), "unknown_role"),
    ],
)
def test_a_defect_is_named(conversation, kind):
    assert kind in kinds(conversation)


def test_short_answers_may_come_back():
    assert structure(talk("Yes.", "Since when?", "Yes.", "And before that?")) == []


def test_a_defect_says_where_it_is():
    (defect,) = structure(talk(*GOOD[:2], GOOD[0], GOOD[3]))
    assert defect.turn == 2 and "turn 0" in defect.reason
