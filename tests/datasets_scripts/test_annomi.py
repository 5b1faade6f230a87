import pytest

from datasets_scripts.annomi import rows
from pixel.data.errors import ConversationError

COLUMNS = (
    "mi_quality transcript_id utterance_id interlocutor utterance_text annotator_id therapist_input_exists "
    "therapist_input_subtype reflection_exists reflection_subtype question_exists question_subtype"
)
NO = ("False", "n/a")
NA = ("n/a", "n/a")


def therapist(quality, session, utterance, said, annotator=1, given=NO, reflection=NO, question=NO):
    return (quality, session, utterance, "therapist", said, annotator, *given, *reflection, *question)


def client(quality, session, utterance, said):
    return (quality, session, utterance, "client", said, 1, *NA, *NA, *NA)


def present(named, label):
    return {name for name, value in named("intervention", label).items() if value}


def test_behaviours_become_interventions_over_the_eight_annotated_names(raw, named):
    root = raw("annomi/annomi-full.csv", COLUMNS, [
        client("high", 7, 1, "I drink most days"),
        therapist("high", 7, 0, "What brings you?", question=("True", "open")),
        therapist("high", 7, 2, "And it worries you?", reflection=("True", "complex"), question=("True", "closed")),
        therapist("high", 7, 3, "Here is a choice", given=("True", "options")),
        therapist("high", 7, 4, "Hm"),
    ])  # fmt: skip
    (row,) = rows(root)
    assert [message["role"] for message in row["messages"]] == [
        "assistant",
        "user",
        "assistant",
        "assistant",
        "assistant",
    ]
    assert row["intervention"][1] is None
    assert [present(named, row["intervention"][turn]) for turn in (0, 2, 3, 4)] == [
        {"open_question"}, {"complex_reflection", "closed_question"}, {"exploring_options"}, set(),
    ]  # fmt: skip
    assert set(named("intervention", row["intervention"][4])) == {
        "open_question", "closed_question", "simple_reflection", "complex_reflection", "information", "advice",
        "exploring_options", "goal_setting",
    }  # fmt: skip
    assert row["group"] == "7"
    assert row["persona_context"] == [None, 2, None, None, None]  # therapeutic_work
    assert row["persona_mode"] == [0, None, 0, 0, 0]  # therapy


def test_the_session_quality_is_carried_to_therapist_turns_and_decides_what_is_learnt(raw):
    root = raw("annomi/annomi-full.csv", COLUMNS, [
        therapist("high", 1, 0, "Tell me more"), client("high", 1, 1, "Well"),
        therapist("low", 2, 0, "You must stop"), client("low", 2, 1, "No"),
    ])  # fmt: skip
    high, low = rows(root)
    assert high["appropriateness"] == [[1.0], None] and low["appropriateness"] == [[0.0], None]
    assert high["learn"] == [True, False] and low["learn"] == [False, False]


def test_repeated_utterances_are_one_message_by_majority_and_ties_go_to_the_first(raw, named):
    simple, complex_ = ("True", "simple"), ("True", "complex")
    root = raw("annomi/annomi-full.csv", COLUMNS, [
        therapist("high", 1, 0, "So it is hard", 1, reflection=simple),
        therapist("high", 1, 0, "So it is hard", 2, reflection=complex_),
        therapist("high", 1, 0, "So it is hard", 3, reflection=complex_),
        therapist("high", 1, 1, "And tiring?", 1, question=("True", "open")),
        therapist("high", 1, 1, "And tiring?", 2, question=("True", "closed")),
    ])  # fmt: skip
    (row,) = rows(root)
    assert len(row["messages"]) == 2
    assert [present(named, label) for label in row["intervention"]] == [{"complex_reflection"}, {"open_question"}]


def test_an_unknown_subtype_is_named(raw):
    root = raw("annomi/annomi-full.csv", COLUMNS, [therapist("high", 1, 0, "Hm", question=("True", "rhetorical"))])
    with pytest.raises(ConversationError, match="row 0, field 'question_subtype': unknown value 'rhetorical'"):
        list(rows(root))
