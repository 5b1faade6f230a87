"""A pasted conversation as messages, and what is said of one that cannot be read."""

import json

import pytest
from dashboard_pages.reader import MOST_CHARACTERS, parse

from pixel.data.errors import ConversationError


def test_lines_with_a_speaker_are_turns_and_others_go_on_with_the_turn_before():
    found = parse("Client: I said: no.\nand left\n\nTherapist: What then?")
    assert found == [
        {"role": "user", "content": "I said: no.\nand left"},
        {"role": "assistant", "content": "What then?"},
    ]


def test_a_colon_in_the_words_makes_no_speaker():
    assert len(parse("user: three things\nfirst: sleep\nsecond: food")) == 1


def test_json_is_taken_with_or_without_its_wrapper_and_nothing_else_of_it():
    messages = [{"role": "user", "content": "Hi", "secret": 1}]
    plain = [{"role": "user", "content": "Hi"}]
    assert parse(json.dumps({"messages": messages})) == parse(json.dumps(messages)) == plain


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("  ", "nothing to read"),
        ("hello there", "line|row 1|speaker"),
        ("user: hi\nassistant:", "turn 2 has no words"),
        ('{"messages": [}', "not JSON"),
        ('{"messages": [{"role": "doctor", "content": "x"}]}', "messages"),
        ('[{"role": "user", "content": 3}]', "messages"),
        ("user: " + "x" * MOST_CHARACTERS, "too many"),
        ("user: hi\n" * 201, "201 turns"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_mend_and_without_the_words(text, problem):
    with pytest.raises(ConversationError, match=problem) as caught:
        parse(text)
    assert "hello there" not in str(caught.value) and "Mend" in str(caught.value)
