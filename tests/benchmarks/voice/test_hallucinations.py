import numpy as np
import pytest

from pixel.benchmarks.voice import hallucinations as measured
from pixel.benchmarks.voice import word_errors as word_errors_of
from pixel.benchmarks.voice.references import Reference
from pixel.benchmarks.voice.sounds import KINDS, sound


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_has_its_level_and_comes_back_with_its_seed(kind):
    one = sound(kind, 4, -30, seed=3)
    assert one.dtype == np.float32 and len(one) == 64_000
    level = np.sqrt((one.astype(float) ** 2).mean())
    assert level == (0 if kind == "silence" else pytest.approx(10 ** (-30 / 20), rel=0.01))
    np.testing.assert_array_equal(one, sound(kind, 4, -30, seed=3))


@pytest.mark.parametrize(("kind", "slope"), [("white noise", 0), ("pink noise", -1), ("brown noise", -2)])
def test_the_colour_of_a_noise_is_the_slope_of_its_power(kind, slope):
    power = np.abs(np.fft.rfft(sound(kind, 60, -20, seed=0))) ** 2
    octaves = [power[60 * low : 60 * low * 2].mean() for low in (100, 200, 400, 800, 1600)]
    assert np.polyfit(np.arange(5), np.log2(octaves), 1)[0] == pytest.approx(slope, abs=0.1)


def test_a_fifth_of_the_samples_lies_at_the_limit():
    one = measured.clipped(np.random.default_rng(0).normal(0, 0.1, 10_000).astype(np.float32), 0.2)
    assert (np.abs(one) >= 0.9499).mean() == pytest.approx(0.2, abs=0.001)


def test_words_are_counted_an_hour(monkeypatch):
    monkeypatch.setattr(measured, "ways", lambda _: {"loud": lambda _: "thank you, bye", "Pixel": lambda _: ""})
    rows = measured.hallucinations(minutes=1, file_minutes=0.5, kinds=["silence"])
    assert rows == [{"sound": "silence", "minutes": 1.0, "loud": 3 * 2 * 60.0, "Pixel": 0.0}]


def test_words_lost_and_put_in_are_told_apart(monkeypatch):
    heard = {"raw batched, VAD": "we left at nine and so on", "Pixel without guards": "we left at", "Pixel": "we left"}
    monkeypatch.setattr(measured, "ways", lambda *_: {name: lambda _, t=text: t for name, text in heard.items()})
    hour = np.ones(3600, np.float32).repeat(16_000)[: 16_000 * 360]  # a tenth of an hour
    monkeypatch.setattr(measured, "references", lambda _: [Reference("a", hour, ("we left at nine",))])
    rows = {row["way"]: row for row in measured.on_speech("", shares=(0.0,))}
    assert rows["raw batched, VAD"]["spurious_an_hour"] == pytest.approx(30)
    assert rows["Pixel"]["lost"] == 50 and rows["Pixel"]["lost_to_guards"] == 25


def test_the_difference_to_raw_batched_is_over_the_same_utterances(monkeypatch):
    texts = ("a quiet room", "an open gate") * 5
    heard = {"raw batched, VAD": "a quiet", "Pixel": "a quiet room an open gate"}
    monkeypatch.setattr(
        word_errors_of, "ways", lambda *_: {name: lambda _, t=text: " ".join([t] * 5) for name, text in heard.items()}
    )
    monkeypatch.setattr(word_errors_of, "references", lambda _: [Reference("a", np.zeros(0), texts)])
    rows = {row["way"]: row for row in word_errors_of.word_errors("", models=["embedded:tiny.en"])}
    assert rows["Pixel"]["wer"] == 0 and rows["Pixel"]["difference"] == pytest.approx(-100 * 20 / 30)
    assert rows["raw batched, VAD"]["difference"] == 0
    assert rows["raw batched, VAD"]["low"] <= rows["raw batched, VAD"]["wer"] <= rows["raw batched, VAD"]["high"]
