"""The row of segments.jsonl."""

import json

import pytest

from pixel.voice.segment import Segment, Word

SAID = Segment("talks/one.flac", 1.23456, 2.5, "Good morning.", (Word(" Good", 1.23456, 1.7, 0.9),
               Word(" morning.", 1.7, 2.5, 0.7)), speaker="S1", quality={"snr_db": 21.5}, flags=("slow",))  # fmt: skip


def test_a_row_is_plain_json_and_reads_back_as_the_same_segment():
    again = Segment.from_row(json.loads(json.dumps(SAID.as_row())))

    assert again.as_row() == SAID.as_row()
    assert again.words[1] == Word(" morning.", 1.7, 2.5, 0.7)
    assert again.flags == ("slow",)
    assert SAID.as_row()["start"] == 1.235
    assert SAID.as_row()["word_probability"] == pytest.approx(0.8)
    assert SAID.id == "talks/one.flac#000001235"


def test_moving_a_segment_moves_its_words_too():
    later = SAID.moved(600)

    assert (later.start, later.end) == pytest.approx((601.23456, 602.5))
    assert later.words[0].start == pytest.approx(601.23456)


def test_a_segment_without_words_has_no_word_probability():
    assert Segment("a.wav", 0, 1, "yes").word_probability is None


def test_a_row_without_text_says_what_is_missing():
    with pytest.raises(ValueError, match="without end, text"):
        Segment.from_row({"file": "a.wav", "start": 0.0})
