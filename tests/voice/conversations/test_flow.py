"""Flow of a dialogue."""

import pytest

from pixel.voice.conversations.flow import LEAST_COHERENCE, measure_flow, why_it_halts


def talk(*texts):
    return [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]


GOOD = talk("Do your boats sail at dawn?", "The boats sail at dawn each day.", "Who mends torn nets there?",
            "My brother mends torn nets there.")  # fmt: skip


def test_a_dialogue_whose_replies_take_up_what_was_said_flows(encoder):
    assert why_it_halts(measure_flow(GOOD, encoder)) is None


def test_replies_of_another_dialogue_do_not_flow(encoder):
    swapped = talk(GOOD[0]["content"], "Rye flour makes heavy bread.", GOOD[2]["content"], "Vienna lies far east.")
    assert measure_flow(swapped, encoder).coherence < LEAST_COHERENCE < measure_flow(GOOD, encoder).coherence
    assert "take up little" in why_it_halts(measure_flow(swapped, encoder))


def test_a_reply_may_take_up_what_was_said_earlier(encoder):
    late = talk("Do your boats sail at dawn?", "Yes they sail.", "Good good.", "The boats sail at dawn each day.")
    flow = measure_flow(late, encoder)
    first, last = late[0]["content"], late[3]["content"]
    one, other, yes = encoder.encode([first, last, late[1]["content"]])
    assert flow.coherence == pytest.approx((float(yes @ one) + float(max(one @ other, yes @ other))) / 2, abs=1e-5)


def test_two_messages_of_one_role_in_a_row_are_named(encoder):
    doubled = [GOOD[0], GOOD[1], GOOD[1] | {"content": "Boats sail on."}]
    assert why_it_halts(measure_flow(doubled, encoder)) == "speakers do not take turns"


def test_a_speech_is_no_message(encoder):
    assert why_it_halts(measure_flow(talk("Boats?", "boats " * 401), encoder)) == "a message is too long"


def test_a_voice_that_only_murmurs_teaches_nothing(encoder):
    murmurs = talk("The boats sail.", "Boats, yes.", "The nets tear.", "Nets, yes.")
    assert why_it_halts(measure_flow(murmurs, encoder)) == "the voice says next to nothing"


def test_without_a_reply_there_is_nothing_to_measure(encoder):
    with pytest.raises(ValueError, match="nobody replies"):
        measure_flow(talk("Hello?"), encoder)
