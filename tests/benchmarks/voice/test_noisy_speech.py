import numpy as np
import pytest

from pixel.benchmarks.synthetic_speech import speak
from pixel.benchmarks.voice.noisy_speech import NOISES, Utterance, ladder, mixed, noise
from pixel.voice.quality.active_level import active_level


def draw(seed=0):
    return np.random.default_rng(seed)


def test_every_noise_has_level_one():
    others = [draw(n).standard_normal(20_000) * (n + 1) for n in range(6)]
    for kind in NOISES:
        assert np.sqrt(np.mean(noise(kind, 32_000, draw(), others) ** 2)) == pytest.approx(1)


def test_pink_noise_falls_three_decibels_an_octave():
    power = np.abs(np.fft.rfft(noise("pink", 160_000, draw()))) ** 2
    hertz = np.fft.rfftfreq(160_000, 1 / 16_000)
    octaves = [power[(hertz >= low) & (hertz < 2 * low)].mean() for low in (200, 400, 800, 1600)]
    assert np.diff(10 * np.log10(octaves)) == pytest.approx([-3.01] * 3, abs=0.4)


def test_hum_lies_on_multiples_of_the_mains():
    power = np.abs(np.fft.rfft(noise("hum", 16_000, draw()))) ** 2
    strongest = set(np.flatnonzero(power > power.max() * 1e-3))
    assert strongest and all(line % 50 == 0 or line % 60 == 0 for line in strongest)


def test_a_mixture_has_the_level_asked_for():
    speech = speak("We waited until the evening came, and nobody dared to speak.")
    made = noise("white", len(speech), draw())
    both = mixed(0.1 * speech, made, 12.0)
    left = both - 0.1 * speech  # nothing clips at a tenth, so that this is the noise alone
    assert active_level(0.1 * speech)[0] - 10 * np.log10(np.mean(left**2)) == pytest.approx(12, abs=0.1)


def test_nothing_clips():
    speech = speak("We waited.")
    assert np.abs(mixed(speech, noise("white", len(speech), draw()), -20)).max() <= 0.95 + 1e-6


def test_babble_never_holds_the_speaker():
    """The speaker is a constant far above the others: it would show."""
    people = [Utterance("loud", "a", np.ones(16_000, np.float32), "x")]
    people += [Utterance(str(n), "b", draw(n).standard_normal(16_000).astype(np.float32), "x") for n in range(6)]
    *_, sound = next(ladder(people, ("babble",), (-60,)))
    assert abs(sound.mean()) < 0.05


def test_bad_kinds_are_named():
    with pytest.raises(ValueError, match="Mend"):
        noise("brown", 100, draw())
    with pytest.raises(ValueError, match="babble of 2"):
        noise("babble", 100, draw(), [np.ones(10)] * 2)
