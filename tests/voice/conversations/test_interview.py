"""Who asks and who answers, and where an interview is cut."""

import pytest

from pixel.voice.conversations.interview import Spoken, as_dialogue, find_roles, topic_windows, voice_of
from pixel.voice.conversations.turns import to_turns
from tests.voice.conversations.conftest import INTERVIEW, in_line, said


@pytest.fixture
def turns():
    return to_turns(in_line(*INTERVIEW)).turns


def test_the_one_with_the_questions_asks_and_the_other_is_learnt(turns):
    roles = find_roles(turns)
    assert (roles.asks, roles.voice, roles.margin) == ("S1", "S2", 1.0)


def test_a_therapist_is_the_one_who_asks(turns):
    assert find_roles(turns, "asks").voice == "S1"


def test_a_named_speaker_is_taken_and_an_absent_one_is_not_made_up(turns):
    assert find_roles(turns, "S1").voice == "S1"
    assert find_roles(turns, "S9") is None


def test_without_questions_the_one_with_the_shorter_turns_asks():
    given = in_line(("S1", "Tell me of the sea."), ("S2", "The sea was grey and it rained for three weeks."),
                    ("S1", "Go on with it."), ("S2", "We ate what we had caught and slept on the deck."))  # fmt: skip
    assert find_roles(to_turns(given).turns).asks == "S1"


def test_one_who_hardly_speaks_makes_no_interview():
    given = in_line(("S1", "word " * 60), ("S2", "Thank you all very."), ("S1", "word " * 60))
    roles = find_roles(to_turns(given).turns)
    assert (roles.voice, roles.asks) == ("S1", None)


def test_the_kind_of_recording_says_whose_voice_it_is():
    assert voice_of("auto", {"kind": "therapy"}) == "asks"
    assert voice_of("auto", {}) == "answers"
    assert voice_of("S2", {"kind": "therapy"}) == "S2"


def test_a_dialogue_goes_from_a_users_message_to_an_assistants(turns):
    (stretch,) = as_dialogue(turns, "S1")  # the asker is the assistant: the first and last turn are left out
    assert [one.role for one in stretch] == ["user", "assistant"] * 2
    assert stretch[0].text == INTERVIEW[1][1]


def test_a_third_voice_speaks_for_the_user():
    given = in_line(
        ("S1", "Where were you born then?"), ("S3", "And when was that?"), ("S2", "In a village long ago.")
    )
    (stretch,) = as_dialogue(to_turns(given).turns, "S2")
    assert [one.text for one in stretch] == ["Where were you born then? And when was that?", "In a village long ago."]


def test_a_silence_parts_two_dialogues():
    given = in_line(*INTERVIEW[:2]) + [one.moved(600) for one in in_line(*INTERVIEW[2:4])]
    assert [len(stretch) for stretch in as_dialogue(to_turns(given).turns, "S2")] == [2, 2]


def test_windows_are_together_the_stretch_and_none_is_too_long(encoder):
    stretch = [Spoken(("user", "assistant")[n % 2], f"word{n // 2} and word{n // 2}", n, n + 1) for n in range(22)]
    for most in (2, 4, 6, 8):
        windows = topic_windows(stretch, encoder, most)
        assert [one for window in windows for one in window] == stretch
        assert all(len(window) <= most and window[0].role == "user" for window in windows)


def test_a_window_ends_where_the_topic_does(encoder):
    topics = ["boats sail", "boats sail", "boats sail", "bread oven", "bread oven", "bread oven"]
    stretch = [Spoken(role, topic, n, n) for n, topic in enumerate(topics) for role in ("user", "assistant")]
    assert [len(window) for window in topic_windows(stretch, encoder, 8)] == [6, 6]


def test_a_single_turn_is_no_dialogue():
    assert as_dialogue(to_turns([said("Only this was said.", 0)]).turns, "S1") == []
