import pytest

from pixel.voice.transcription.agreement import agreements
from tests.voice.transcription.parts import segment, words

FIRST = [segment("The gate stood open.", 0), segment("Nobody came in today.", 10)]


def agreed(*texts):
    return [one.agreement for one in agreements(FIRST, [word for text, at in texts for word in words(text, at)])]


def test_the_same_words_agree_whatever_their_marks_and_a_shift_of_time():
    assert agreed(("the gate stood open", 0.3), ("Nobody, came in today", 9.8)) == [1, 1]


def test_each_segment_pays_for_its_own_errors():
    assert agreed(("the gates stood open", 0), ("nobody came today", 10)) == [0.75, 0.75]
    assert agreed(("the gate stood open", 0), ("who came in", 10)) == [1, 0.5]


def test_a_word_that_only_the_other_heard_counts_where_it_lies():
    assert agreed(("the gate stood wide open", 0), ("nobody came in today", 10)) == [0.75, 1]


def test_words_of_the_other_far_from_any_segment_count_nowhere():
    assert agreed(("the gate stood open", 0), ("thank you", 5), ("nobody came in today", 10)) == [1, 1]


def test_where_the_other_heard_nothing_agreement_is_none_at_all():
    assert agreed() == [0, 0]


def test_agreement_is_never_below_nothing():
    assert agreed(("a b c d e f g h i j", 0), ("nobody came in today", 10)) == [0, 1]


def test_a_segment_without_letters_has_none():
    assert agreements([segment("...", 0)], [])[0].agreement is None


def test_it_is_one_minus_the_word_error_rate_of_jiwer():
    jiwer = pytest.importorskip("jiwer")
    other = "nobody really comes in to day"
    expected = 1 - jiwer.wer("nobody came in today", other)
    assert agreements(FIRST[1:], words(other, 10))[0].agreement == pytest.approx(max(0, expected))
