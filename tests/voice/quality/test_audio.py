import numpy as np
import pytest

from pixel.voice.quality import mos
from pixel.voice.quality.audio import AUDIO_MEASURES, MOS_MEASURES, measure_audio

pytest.importorskip("pyloudnorm")


def test_speech_has_every_cheap_measure_as_a_plain_number(speech):
    measured = measure_audio(speech)
    assert tuple(measured) == AUDIO_MEASURES and all(type(value) is float for value in measured.values())


@pytest.mark.parametrize("size", [0, 1, 100, 16_000])
def test_silence_of_any_length_measures_nothing(size):
    assert measure_audio(np.zeros(size, dtype=np.float32)) == dict.fromkeys(AUDIO_MEASURES)


def test_measuring_changes_nothing_and_twice_is_the_same(speech):
    before = speech.copy()
    assert measure_audio(speech) == measure_audio(speech)
    np.testing.assert_array_equal(speech, before)


@pytest.mark.parametrize("samples", [np.zeros((2, 100)), np.array([0.0, np.nan]), np.array([np.inf])])
def test_what_is_no_sound_is_refused_with_a_mend(samples):
    with pytest.raises(ValueError, match="Mend"):
        measure_audio(samples)


def test_without_the_network_the_message_names_its_mend(speech, monkeypatch):
    def missing(package, install):
        raise FileNotFoundError

    pytest.importorskip("onnxruntime")
    mos.session.cache_clear()
    monkeypatch.setattr(mos, "package_folder", missing)
    with pytest.raises(FileNotFoundError, match="speechmos is not installed. Mend: .*-r embedded_voice.txt"):
        measure_audio(speech[:48_000], mos=True)


def test_opinion_scores_come_where_asked(speech):
    pytest.importorskip("onnxruntime")
    speech = np.resize(speech, 160_000)  # one window of the network
    try:
        measured = measure_audio(speech, mos=True)
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    assert tuple(measured) == (*AUDIO_MEASURES, *MOS_MEASURES)
    noisy = speech + 0.05 * np.random.default_rng(0).standard_normal(len(speech)).astype(np.float32)
    assert measure_audio(noisy, mos=True)["mos_bak"] < measured["mos_bak"]
