import numpy as np

from pixel.voice.transcription.guards.guard import guard
from pixel.voice.transcription.settings import Settings
from tests.voice.transcription.parts import activity, segment

NOISE = np.random.default_rng(0).normal(0, 0.1, 60 * 16_000).astype(np.float32)


def test_what_was_said_stays_and_what_was_not_goes_with_every_sign_named():
    said = segment("We left the house at nine.", 5)
    unsaid = segment("Thanks for watching.", 30)
    kept, dropped = guard([said, unsaid], NOISE, activity(60, (4, 10)), Settings())
    assert kept == [said]
    assert [(one.text, one.flags) for one in dropped] == [("Thanks for watching.", ("no_voice",))]


def test_no_phrase_is_forbidden():
    said = segment("Thanks for watching.", 30)
    assert guard([said], NOISE, activity(60, (29, 33)), Settings()) == ([said], [])


def test_digital_silence_under_words_is_named_too():
    _, dropped = guard([segment("You", 30)], np.zeros(60 * 16_000, np.float32), activity(60), Settings())
    assert dropped[0].flags == ("no_voice", "silence")


def test_flags_that_were_there_stay():
    one = segment("and then and then and then and then and then", 5, flags=("language",))
    _, dropped = guard([one], NOISE, activity(60, (4, 12)), Settings())
    assert dropped[0].flags == ("language", "repetition")
