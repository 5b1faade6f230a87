import numpy as np
import pytest

from pixel.clinical.appropriateness.behaviours import BEHAVIOURS
from pixel.voice.personality.markers import responses
from tests.voice.personality.markers.talk import said

ANSWERS = ("Okay.", "Yeah, right, I will.", "Why is your garden closed?", "You went home.", "The garden was mine.")


def talk(answers=ANSWERS):
    out = []
    for number, answer in enumerate(answers):
        out += [said(10 * number, "I was in the garden.", "S1"), said(10 * number + 4, answer, "S2")]
    return out


def test_what_answers_do_is_a_share_of_answers():
    found = responses.measure(talk(), "S2")
    assert found["answers_with_question"] == 0.2
    assert found["answers_with_acknowledgement"] == 0.4
    assert found["answers_only_acknowledge"] == 0.2
    assert found["answers_about_you"] == 0.4


def test_longer_words_of_the_turn_before_are_taken_up():
    # of five letters or more: right, garden, closed, garden; two of the four were heard before
    assert responses.measure(talk(), "S2")["takes_up_words"] == 0.5


def test_length_is_told_for_each_word_heard():
    # 1, 4, 5, 3 and 4 words to 5
    assert responses.measure(talk(), "S2")["answer_length_ratio"] == pytest.approx(0.8)


def test_the_first_speaker_answers_too_but_not_at_the_start():
    assert responses.measure(talk(), "S1") == dict.fromkeys(responses.MARKERS)  # four answers are too few
    assert responses.measure([*talk(), said(60, "Sure.", "S1")], "S1")["answers_with_question"] == 0.0


def test_a_reader_of_behaviours_is_shown_the_dialogue_with_the_speaker_as_helper():
    class Reader:
        def read(self, conversations):
            self.seen = conversations[0]
            helper = sum(message["role"] == "assistant" for message in self.seen)

            class Readout:
                behaviours = np.tile(np.arange(6) / 10, (helper, 1))

            return [Readout]

    reader = Reader()
    found = responses.measure(talk(), "S2", reader)
    assert [message["role"] for message in reader.seen[:2]] == ["user", "assistant"]
    assert found["reads_open_question"] == 0.0 and found["reads_advice"] == pytest.approx(0.5)


def test_the_names_are_those_the_reader_gives_in_its_order():
    assert responses.READ == BEHAVIOURS


def test_without_a_reader_its_markers_are_null():
    assert responses.measure(talk(), "S2")["reads_advice"] is None
