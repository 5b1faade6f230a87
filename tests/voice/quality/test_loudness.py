import numpy as np
import pytest

from pixel.voice.quality.loudness import loudness_lufs

pytest.importorskip("pyloudnorm")


def test_a_full_scale_tone_of_1_khz_in_one_channel_is_about_minus_3():
    """ITU-R BS.1770: a 0 dB FS sine at 997 Hz in one channel reads -3.01 LKFS."""
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * 48_000) / 48_000)
    assert loudness_lufs(tone, 48_000) == pytest.approx(-3.01, abs=0.1)


def test_half_the_amplitude_is_six_units_less(speech):
    assert loudness_lufs(speech) - loudness_lufs(speech / 2) == pytest.approx(20 * np.log10(2), abs=0.01)


def test_pauses_do_not_make_speech_quieter(speech):
    paused = np.concatenate([speech, np.zeros(5 * len(speech), dtype=np.float32)])
    assert loudness_lufs(paused) == pytest.approx(loudness_lufs(speech), abs=0.5)


@pytest.mark.parametrize("samples", [np.zeros(16_000), np.ones(6_000), np.zeros(0)])
def test_too_short_or_silent_has_no_loudness(samples):
    assert loudness_lufs(samples) is None
