"""The noise ladder on planted speech: the levels that went in come out."""

import numpy as np
import pytest

from pixel.benchmarks.synthetic_speech import speak
from pixel.benchmarks.voice import noise_ladder as benchmark
from pixel.benchmarks.voice.noisy_speech import NOISES, Utterance

SAID = "We waited until the evening came. Nobody dared to speak. Then the door was opened."
FLOOR = 1e-3  # white noise of -60 dBFS that each recording brings along


@pytest.fixture(scope="module")
def utterances():
    draw = np.random.default_rng(0)
    silence = np.zeros(8_000, np.float32)
    made = []
    for number in range(8):
        sound = np.concatenate([silence, 0.3 * speak(SAID, f"en-us+m{number + 1}"), silence])
        sound = (sound + FLOOR * draw.standard_normal(len(sound))).astype(np.float32)
        made.append(Utterance(f"u{number}", benchmark.QUIETEST_SPEAKER if number == 0 else f"s{number}", sound, SAID))
    return made


@pytest.fixture(scope="module")
def rows(utterances):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benchmark, "read_utterances", lambda root: utterances)
        patch.setattr(benchmark, "LEVELS", (0, 15, 30))
        patch.setattr(benchmark, "bootstrap_interval", lambda *given, **more: (0.0, 1.0))
        return {row["of"]: row for row in benchmark.noise_ladder("nowhere")}


def test_the_recordings_own_noise_is_found_in_their_pauses(utterances):
    own = benchmark.own_noise(utterances)
    speech = [20 * np.log10(np.abs(one.samples).max() / FLOOR) for one in utterances]
    for one, peak in zip(utterances, speech, strict=True):
        assert peak - 25 < own[one.speaker] < peak


def test_louder_noise_is_told_as_a_lower_ratio(rows):
    assert rows["white"]["r"] > 0.95
    assert rows["all kinds"]["n"] == 8 * len(NOISES) * 3 and rows["all kinds"]["utterances"] == 8


def test_the_quantile_is_varied_on_every_fifth_utterance(rows):
    assert rows["all kinds, quantile 0.2"]["n"] == 2 * len(NOISES) * 3
    biases = [rows[f"all kinds, quantile {share}"]["bias"] for share in benchmark.QUANTILES]
    assert biases == sorted(biases, reverse=True)  # a higher quantile takes more for noise


def test_the_row_of_one_clean_voice_holds_that_voice_alone(rows):
    assert rows["the recording without noise of its own"]["n"] == len(NOISES) * 3
