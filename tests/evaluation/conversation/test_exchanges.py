"""Pairs of a message and a reply, and replies that belong elsewhere."""

import pytest

from pixel.evaluation.conversation.exchanges import exchanges, swapped
from tests.evaluation.conversation.toy_talk import talk


def test_only_replies_to_a_client_are_taken_with_up_to_three_messages_before():
    rows = [talk(1, "hello", "one", "two", "three", "four", "five")]
    found = exchanges(rows)
    assert [one.id for one in found] == ["toy:1#1", "toy:1#3", "toy:1#5"]
    assert [one.before for one in found] == [("hello",), ("hello", "one", "two"), ("two", "three", "four")]
    assert [message["content"] for message in found[1].messages] == ["hello", "one", "two"]


def test_an_opening_by_the_helper_is_no_reply():
    assert exchanges([talk(1, "hello, how are you?", "bad", first="assistant")]) == []


def test_a_swapped_reply_is_another_group_s_and_about_as_long():
    rows = [talk(n, f"message {n}", " ".join(["word"] * (n + 1)) + f" {n}") for n in range(60)]
    given = exchanges(rows)
    other = swapped(given)
    for one, two in zip(given, other, strict=True):
        assert two.before == one.before and two.reply != one.reply
        assert abs(len(two.reply.split()) - len(one.reply.split())) <= 40


def test_swapping_is_the_same_for_the_same_seed():
    given = exchanges([talk(n, "hello", f"reply {n}") for n in range(30)])
    assert swapped(given, 1) == swapped(given, 1) != swapped(given, 2)


def test_one_group_cannot_be_swapped():
    with pytest.raises(ValueError, match="one group"):
        swapped(exchanges([talk(1, "a", "b", "c", "d")]))
