import pytest

from pixel.voice.quality.transcript import TRANSCRIPT_MEASURES, measure_transcript, repetition
from pixel.voice.segment import Segment, Word


def segment(text, seconds=6.0, probabilities=None, **more):
    words = tuple(Word(f" {w}", 0, 0, p) for w, p in zip(text.split(), probabilities or (), strict=False))
    return Segment("a.mp3", 10.0, 10.0 + seconds, text, words, **more)


def test_words_a_minute_count_words_and_not_marks():
    assert measure_transcript(segment("I don't know - well, I do."))["words_per_minute"] == 60


def test_word_probabilities_are_their_mean_and_least():
    measured = measure_transcript(segment("one two three four", probabilities=[0.9, 0.8, 0.7, 0.2]))
    assert (measured["word_probability"], measured["least_word_probability"]) == (pytest.approx(0.65), 0.2)


def test_punctuation_is_marks_a_word():
    assert measure_transcript(segment("Yes, I do. You?"))["punctuation"] == 0.75


def test_a_loop_is_repetition_and_a_sentence_is_not():
    assert repetition("thank you so much".split() * 10) > 0.8
    assert repetition("we waited until the evening".split()) == 0


def test_pairs_said_before_are_counted():
    assert repetition(["you", "know", "you", "know"]) == pytest.approx(1 / 3)


def test_what_the_decoder_said_is_handed_on():
    measured = measure_transcript(
        segment("a b", mean_logprob=-0.4, no_speech=0.1, compression_ratio=1.3, agreement=0.9)
    )
    expected = {"mean_logprob": -0.4, "no_speech": 0.1, "compression_ratio": 1.3, "agreement": 0.9}
    assert {name: measured[name] for name in expected} == expected


def test_nothing_said_measures_nothing_and_names_everything():
    measured = measure_transcript(Segment("a.mp3", 1.0, 1.0, ""))
    assert tuple(measured) == TRANSCRIPT_MEASURES
    missing = ("words_per_minute", "word_probability", "punctuation", "repetition", "agreement", "expected_wer")
    assert measured["words"] == 0 and all(measured[name] is None for name in missing)


def test_words_of_any_script_count():
    assert measure_transcript(segment("Ich weiß nicht, что делать"))["words"] == 5
