"""The machine's voice that tests and benchmarks speak with."""

import subprocess
import sys

import numpy as np
import pytest

from pixel.benchmarks.synthetic_speech import RATE, speak

TEXT = "The remote control has to be easy to use."


def test_the_same_calls_in_a_new_process_sound_the_same():
    say = f"from pixel.benchmarks.synthetic_speech import speak; print(speak({TEXT!r}).tobytes().hex())"
    heard = [subprocess.run([sys.executable, "-c", say], capture_output=True, check=True).stdout for _ in range(2)]

    assert heard[0] == heard[1]
    assert len(heard[0]) > 16_000


def test_another_voice_sounds_different():
    one, other = speak(TEXT), speak(TEXT, "en-us+f3")
    shorter = min(len(one), len(other))

    assert np.abs(one[:shorter] - other[:shorter]).max() > 0.1


def test_it_lasts_about_as_long_as_its_words_a_minute_say():
    slow, fast = (len(speak(TEXT, words_a_minute=rate)) / RATE for rate in (120, 240))

    assert 0.5 * 9 / 120 * 60 < slow < 2 * 9 / 120 * 60
    assert fast < 0.75 * slow


def test_a_voice_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no voice 'zz-nobody'"):
        speak(TEXT, "zz-nobody")


def test_nothing_to_say_is_refused():
    with pytest.raises(ValueError, match="nothing to say"):
        speak("")
