import numpy as np
import pytest

from pixel.voice.segment import Segment
from pixel.voice.transcription.guards.confidence import compression_ratio, doubts
from pixel.voice.transcription.guards.rate import too_fast
from pixel.voice.transcription.guards.speech import nobody_speaks, silent
from pixel.voice.transcription.settings import Settings
from tests.voice.transcription.parts import activity, words


def test_words_need_somebody_who_speaks():
    one = activity(20, (5, 10))
    assert nobody_speaks(one, 12, 14)
    assert not nobody_speaks(one, 6, 8)
    assert not nobody_speaks(one, 9.5, 11)  # its beginning is spoken
    assert nobody_speaks(activity(20, (5, 10), sure=0.55), 6, 8)  # a tone that just passes


@pytest.mark.parametrize(("level", "expected"), [(-90, True), (-80, True), (-70, False), (-40, False)])
def test_near_digital_silence_nothing_was_said(level, expected):
    samples = np.random.default_rng(0).normal(0, 10 ** (level / 20), 16_000).astype(np.float32)
    assert silent(samples, 0, 1) is expected


def test_a_loud_tenth_of_a_second_is_no_silence():
    samples = np.zeros(16_000, np.float32)
    samples[8_000:9_600] = 0.1
    assert not silent(samples, 0, 1)
    assert silent(samples, 0, 0.4)


def test_nobody_says_twelve_words_a_second_and_anybody_five():
    text = "we were all of us going out to see it"
    assert too_fast(words(text, each=1 / 12))
    assert not too_fast(words(text, each=1 / 5))


def test_words_that_take_no_time_were_not_said():
    assert too_fast(words("one two three four five", each=0.02, gap=0.5))
    assert not too_fast(words("yes no", each=0.02))  # too few to tell


def test_a_text_that_repeats_itself_compresses_well():
    assert compression_ratio("so we are going to do it " * 20) > 2.4
    assert compression_ratio("The garden was quiet and the old gate stood open all morning.") < 2.4
    assert compression_ratio("") == 1


@pytest.mark.parametrize(
    ("sign", "change"),
    [
        ("no_speech", {"no_speech": 0.9, "mean_logprob": -1.4}),
        ("compression_ratio", {"text": "la la " * 40}),
        ("word_probability", {"words": tuple(words("uh what", probability=0.1))}),
    ],
)
def test_each_doubt_has_its_own_sign(sign, change):
    usual = {"text": "The gate stood open.", "words": tuple(words("The gate stood open.")), "mean_logprob": -0.3}
    assert doubts(Segment("a.wav", 0, 2, **usual), Settings()) == []
    assert doubts(Segment("a.wav", 0, 2, **usual | change), Settings()) == [sign]


def test_silence_alone_or_a_low_probability_alone_is_no_doubt():
    assert doubts(Segment("a.wav", 0, 2, "Yes.", no_speech=0.9, mean_logprob=-0.5), Settings()) == []
    assert doubts(Segment("a.wav", 0, 2, "Yes.", no_speech=0.1, mean_logprob=-1.5), Settings()) == []
