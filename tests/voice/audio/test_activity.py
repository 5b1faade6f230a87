import numpy as np
import pytest

from pixel.voice.audio.activity import FRAME, RATE, Activity, everything, listen
from tests.voice.transcription.parts import activity


def seconds(spans):
    return [(start / RATE, end / RATE) for start, end in spans]


def test_stretches_of_speech_are_found_where_they_are():
    assert np.allclose(seconds(activity(10, (1, 2), (5, 7.5)).spans()), [(1, 2), (5, 7.5)], atol=0.04)


def test_a_short_dip_does_not_part_a_stretch_and_a_click_is_none():
    one = activity(10, (1, 2), (2.1, 3), (6, 6.06))
    assert np.allclose(seconds(one.spans()), [(1, 3)], atol=0.04)


def test_below_one_half_speech_goes_on_but_does_not_begin():
    probabilities = np.array([0.4] * 10 + [0.9] * 10 + [0.4] * 10 + [0.0] * 10, np.float32)
    one = Activity(probabilities, 40 * FRAME)
    assert one.spans() == [(10 * FRAME, 30 * FRAME)]


def test_padding_is_added_on_both_sides_and_joins_what_touches():
    one = activity(10, (0.1, 1), (1.6, 2), (5, 6))
    assert np.allclose(seconds(one.pieces()), [(0, 2.4), (4.6, 6.4)], atol=0.04)


def test_the_share_of_speech_forgives_edges_that_are_off_by_a_fifth_of_a_second():
    one = activity(10, (2, 4))
    assert one.share(2, 4) == 1
    assert one.share(6, 8) == 0
    assert one.share(3, 5) == pytest.approx((4 - 2.8) / 2, abs=0.03)
    assert one.speech(0, 10) == pytest.approx(2, abs=0.04)


def test_nothing_has_no_speech_and_everything_is_one_piece():
    assert listen(np.zeros(0, np.float32)).pieces() == []
    assert everything(0) == [] and everything(5) == [(0, 5)]


def test_noise_is_not_taken_for_speech_and_a_voice_is():
    pytest.importorskip("faster_whisper")
    from pixel.benchmarks.synthetic_speech import speak

    said = speak("The garden was quiet and the old gate stood open all morning.")
    noise = np.random.default_rng(0).normal(0, 0.1, 5 * RATE).astype(np.float32)
    one = listen(np.concatenate([noise, said, noise]))
    spoken = len(said) / RATE
    assert one.speech(0, 4.5) == 0
    assert one.speech(5, 5 + spoken) > 0.7 * spoken
