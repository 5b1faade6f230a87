import numpy as np
import pytest

from pixel.voice.quality.active_level import active_level


def test_pauses_change_the_share_and_not_the_level():
    tone = 0.1 * np.sin(2 * np.pi * 500 * np.arange(10 * 16_000) / 16_000)
    level, share = active_level(tone)
    paused_level, paused_share = active_level(np.concatenate([tone, np.zeros_like(tone)]))
    assert level == pytest.approx(20 * np.log10(0.1 / np.sqrt(2)), abs=0.2)
    assert paused_level == pytest.approx(level, abs=0.3)
    assert (share, paused_share) == (pytest.approx(1, abs=0.05), pytest.approx(0.5, abs=0.05))


def test_half_the_amplitude_is_six_decibels_less(speech):
    assert active_level(speech)[0] - active_level(speech / 2)[0] == pytest.approx(6.02, abs=0.3)


def test_the_active_level_is_never_below_the_mean_level(speech):
    paused = np.concatenate([speech, np.zeros(32_000, dtype=np.float32)])
    assert active_level(paused)[0] >= 10 * np.log10(np.mean(paused.astype(float) ** 2))


def test_silence_has_no_level():
    assert active_level(np.zeros(1000)) is None
