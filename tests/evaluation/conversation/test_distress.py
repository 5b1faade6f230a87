"""Early and late distress, farewells left out."""

import numpy as np
import pytest

from pixel.evaluation.conversation.distress import change_share, parts, rated_relief, relief
from tests.evaluation.conversation.toy_talk import talk


def test_early_and_late_are_thirds_of_the_client_s_messages_without_the_last_two():
    messages = talk(1, *["text"] * 15)["messages"]  # client's messages at 0, 2, .. 14: eight; six without farewells
    assert parts(messages) == ([0, 2], [8, 10])


def test_relief_is_the_fall_of_the_means():
    messages = talk(1, *["text"] * 15)["messages"]
    distress = [None] * 15
    distress[0], distress[2], distress[8], distress[10], distress[14] = 0.9, 0.7, 0.3, None, 0.0
    assert relief(messages, distress) == pytest.approx(0.8 - 0.3)


def test_too_short_a_talk_has_no_relief():
    assert parts(talk(1, "a", "b", "c", "d", "e")["messages"]) is None
    assert relief(talk(1, "a", "b")["messages"], [0.5, None]) is None


def test_rated_relief_is_before_less_after():
    assert rated_relief({"distress": [0.75, None, None, 0.25, None]}) == pytest.approx(0.5)
    assert rated_relief({"distress": [None, 0.5]}) is None and rated_relief({"distress": None}) is None


def test_change_share_of_talk_for_and_against():
    assert change_share(np.array([[0.6, 0.1], [0.0, 0.3]])) == pytest.approx(0.6)
    assert change_share(np.zeros((3, 2))) is None and change_share(np.zeros((0, 2))) is None
