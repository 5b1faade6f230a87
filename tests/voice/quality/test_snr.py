import numpy as np
import pytest

from pixel.benchmarks.voice.noisy_speech import mixed, noise
from pixel.voice.quality.snr import snr_db

KINDS = ("white", "pink", "hum")


@pytest.mark.parametrize("kind", KINDS)
def test_known_noise_is_found_within_three_decibels(speech, kind):
    made = noise(kind, len(speech), np.random.default_rng(0))
    for level in (0.0, 5.0, 10.0, 15.0):
        assert snr_db(mixed(speech, made, level)) == pytest.approx(level, abs=3)


@pytest.mark.parametrize("kind", KINDS)
def test_more_noise_is_less_ratio(speech, kind):
    made = noise(kind, len(speech), np.random.default_rng(1))
    found = [snr_db(mixed(speech, made, level)) for level in (-5, 5, 15, 25)]
    assert found == sorted(found)


def test_how_loud_the_whole_is_does_not_matter(speech):
    noisy = mixed(speech, noise("pink", len(speech), np.random.default_rng(2)), 12)
    assert snr_db(noisy * 0.03) == pytest.approx(snr_db(noisy), abs=0.1)


def test_digital_silence_is_no_noise_floor(speech):
    noisy = mixed(speech, noise("white", len(speech), np.random.default_rng(3)), 10)
    gap = np.zeros(16_000, dtype=np.float32)
    assert snr_db(np.concatenate([gap, noisy, gap, noisy, gap])) == pytest.approx(snr_db(noisy), abs=0.5)


def test_a_constant_offset_is_neither_speech_nor_noise(speech):
    noisy = mixed(speech, noise("white", len(speech), np.random.default_rng(4)), 10)
    assert snr_db(noisy * 0.5 + 0.2) == pytest.approx(snr_db(noisy), abs=0.3)


def test_sound_outside_the_speech_is_not_taken_for_speech(speech):
    quiet_talk = mixed(speech, noise("white", len(speech), np.random.default_rng(5)), 10)
    loud = np.concatenate([quiet_talk, 5 * quiet_talk[:16_000]])
    told = [(0.0, len(quiet_talk) / 16_000)]
    assert snr_db(loud, speech=told) < snr_db(loud) - 3


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(16_000), np.ones(16_000), np.ones(100)])
def test_without_sound_there_is_no_ratio(samples):
    assert snr_db(samples.astype(np.float32)) is None


def test_another_rate_gives_about_the_same(speech):
    from scipy.signal import resample_poly

    noisy = mixed(speech, noise("pink", len(speech), np.random.default_rng(6)), 10)
    assert snr_db(resample_poly(noisy, 3, 1), rate=48_000) == pytest.approx(snr_db(noisy), abs=1.5)
