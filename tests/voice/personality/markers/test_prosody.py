import numpy as np
import pytest

from pixel.voice.personality.markers import prosody

pytest.importorskip("parselmouth", reason="optional: extra prosody")
RATE = 16_000


def voice(frequencies):
    """A buzz with ten harmonics that follows `frequencies`, one a sample."""
    phase = 2 * np.pi * np.cumsum(frequencies) / RATE
    return sum(np.sin(harmonic * phase) / harmonic for harmonic in range(1, 11)).astype(np.float32) * 0.1


def test_a_steady_voice_has_its_pitch_and_no_melody():
    found = prosody.measure(voice(np.full(8 * RATE, 150.0)), [(0, 8)])
    assert found["pitch_median"] == pytest.approx(150, rel=0.01) and found["pitch_range"] < 0.1


def test_a_glide_over_half_an_octave_spans_four_fifths_of_six_semitones():
    glide = 120 * 2 ** (np.linspace(0, 0.5, 8 * RATE))
    assert prosody.measure(voice(glide), [(0, 8)])["pitch_range"] == pytest.approx(0.8 * 6, rel=0.06)


def test_only_the_spans_count():
    both = np.concatenate([voice(np.full(7 * RATE, 120.0)), voice(np.full(7 * RATE, 240.0))])
    assert prosody.measure(both, [(0, 6.9)])["pitch_median"] == pytest.approx(120, rel=0.01)
    assert prosody.measure(both, [(7.1, 14)])["pitch_median"] == pytest.approx(240, rel=0.01)


def test_loudness_that_comes_and_goes_is_spread():
    steady = voice(np.full(8 * RATE, 150.0))
    swelling = steady * (0.3 + 0.7 * np.sin(np.linspace(0, 20, len(steady))) ** 2)
    spread = [prosody.measure(sound, [(0, 8)])["intensity_spread"] for sound in (steady, swelling)]
    assert spread[0] < 0.5 < 2 < spread[1]


def test_silence_is_null():
    assert prosody.measure(np.zeros(8 * RATE, np.float32), [(0, 8)]) == dict.fromkeys(prosody.MARKERS)
