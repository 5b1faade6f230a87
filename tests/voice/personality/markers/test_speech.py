import pytest

from pixel.voice.personality.markers import speech

TEXT = "Yes. I came home late last night, I think. Did you? I mean, did you see the the dog?"


@pytest.fixture(scope="module")
def found():
    return speech.measure(TEXT)


def test_sentence_lengths_are_counted_in_words(found):
    # 1, 8, 2 and 8 words
    assert found["sentence_words_median"] == 5.0
    assert found["sentence_words_mean"] == pytest.approx(19 / 4)


def test_questions_and_short_sentences_are_shares_of_sentences(found):
    assert found["questions"] == 0.5
    assert found["short_sentences"] == 0.5


def test_words_said_twice_and_corrections_are_per_100_words(found):
    assert found["word_repetitions"] == pytest.approx(100 / 19)
    assert found["self_corrections"] == pytest.approx(100 / 19)
    assert found["commas"] == pytest.approx(200 / 19)


def test_a_word_repeated_over_a_full_stop_is_no_repetition():
    assert speech.measure("It is mine. Mine is new.")["word_repetitions"] == 0.0


def test_the_commonest_opening_is_a_share_of_sentences():
    assert speech.measure("So it is. So be it. Fine.")["same_opening"] == pytest.approx(2 / 3)


def test_repeated_phrases_do_not_grow_with_length():
    hundred = " ".join(f"w{number}" for number in range(100))
    assert speech.measure(hundred)["repeated_phrases"] == 0.0
    assert speech.measure(f"{hundred} {hundred}")["repeated_phrases"] == 0.0


def test_repeated_phrases_within_a_stretch_are_counted():
    ten = " ".join(f"w{number}" for number in range(10))
    # 98 runs of three, 10 of them different
    assert speech.measure(" ".join([ten] * 10))["repeated_phrases"] == pytest.approx(1 - 10 / 98)


def test_no_words_are_nulls_with_every_name():
    assert speech.measure("Um.") == dict.fromkeys(speech.MARKERS)
