import numpy as np
import pytest

from pixel.voice.quality.bandwidth import bandwidth_hz


@pytest.mark.parametrize("cut", [2000, 3400, 5500])
def test_a_low_pass_is_found_within_a_tenth(cut):
    from scipy.signal import fftconvolve, firwin

    sound = np.random.default_rng(0).standard_normal(32_000)
    assert bandwidth_hz(fftconvolve(sound, firwin(501, cut, fs=16_000), "same")) == pytest.approx(cut, rel=0.1)


def test_a_telephone_copy_of_a_voice_ends_above_4_khz(speech):
    from scipy.signal import resample_poly

    telephone = resample_poly(resample_poly(speech, 1, 2), 2, 1)
    assert 3500 < bandwidth_hz(telephone) < 5000 < bandwidth_hz(speech)


def test_white_noise_fills_everything():
    assert bandwidth_hz(np.random.default_rng(0).standard_normal(16_000)) == pytest.approx(8000, abs=50)


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(16_000), np.ones(300)])
def test_nothing_has_no_bandwidth(samples):
    assert bandwidth_hz(samples) is None
