from importlib.util import find_spec

import numpy as np
import pytest

from pixel.benchmarks.synthetic_speech import speak
from pixel.voice.diarization.mel import mel_spectrogram
from pixel.voice.diarization.speaker_encoder import SpeakerEncoder, encoder, louder, speaker_embedding

RATE = 16_000
TEXTS = ("the kettle is on and the rain has stopped at last", "nobody told me that the train would be this late today")


@pytest.fixture(scope="module")
def voices():
    pytest.importorskip("espeakng_loader")
    if not find_spec("resemblyzer"):
        pytest.skip("Resemblyzer is not installed")
    high, low = {"voice": "en-us+f3", "pitch": 80}, {"voice": "en-us+m7", "pitch": 20}
    return [[speaker_embedding(speak(text, **who)) for text in TEXTS] for who in (high, low)]


def test_the_spectrogram_of_a_tone_lies_in_its_band_and_grows_with_the_square_of_its_loudness():
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    mel = mel_spectrogram(tone)
    assert mel.shape == (101, 40) and mel.dtype == np.float32
    # 40 triangles over 0 to 45.2 mel (8 kHz): 1 kHz is 15 mel, the centre of band 15 / (45.2 / 41) - 1 = 12.6
    assert mel[50].argmax() in (12, 13)
    np.testing.assert_allclose(mel_spectrogram(2 * tone)[50], 4 * mel[50], rtol=1e-5)


@pytest.mark.parametrize(("hertz", "bands"), [(500, (5, 6)), (4000, (30, 31)), (7000, (38, 39))])
def test_bands_are_wider_above_1_khz(hertz, bands):
    # Slaney: 500 Hz is 7.5 mel; 4 kHz is 15 + 27 log(4) / log(6.4) = 35.2 mel, 7 kHz 43.3; a band is 45.2 / 41 mel
    tone = np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)
    mel = mel_spectrogram(tone)[50]
    assert mel.argmax() in bands


def test_quiet_recordings_are_amplified_to_minus_30_dbfs_and_others_left():
    noise = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    for level, expected in ((-60, -30), (-20, -20)):
        heard = louder(noise * np.float32(10 ** (level / 20)))
        assert 20 * np.log10(np.sqrt((heard**2).mean())) == pytest.approx(expected, abs=0.1)
    assert not louder(np.zeros(10, np.float32)).any() and len(louder(np.zeros(0, np.float32))) == 0


def test_a_voice_is_more_like_itself_than_like_another_whatever_it_says(voices):
    (a1, a2), (b1, b2) = voices
    assert min(a1 @ a2, b1 @ b2) > max(a1 @ b1, a1 @ b2, a2 @ b1, a2 @ b2)
    assert all(np.linalg.norm(found) == pytest.approx(1, abs=1e-5) for found in (a1, a2, b1, b2))


def test_loudness_of_a_quiet_recording_does_not_change_the_voice(voices):
    said = speak(TEXTS[0])
    quiet = 0.02 * said / np.sqrt((said**2).mean())
    np.testing.assert_allclose(speaker_embedding(quiet), speaker_embedding(quiet / 10), atol=1e-5)


def test_glimpses_do_not_depend_on_the_batch_they_come_in(voices):
    said = np.concatenate([speak(text) for text in TEXTS])
    pieces = [said[start : start + 25_600] for start in range(0, 32_000, 400)]  # 80: two batches
    together = encoder().glimpses(iter(pieces))
    np.testing.assert_allclose(together[70], encoder().glimpses([pieces[70]])[0], atol=1e-5)
    assert encoder().glimpses([]).shape == (0, 256)


def test_short_and_silent_sounds_are_no_trouble(voices):
    for samples in (np.zeros(RATE, np.float32), np.zeros(0, np.float32), speak("yes")[:3000]):
        found = speaker_embedding(samples)
        assert found.shape == (256,) and np.isfinite(found).all()


def test_other_weights_are_refused(tmp_path):
    (tmp_path / "pretrained.pt").write_bytes(b"else")
    for file in ("pretrained.pt", "nowhere.pt"):
        with pytest.raises(ValueError, match="not the weights of Resemblyzer 0.1.4. Mend: .*-r embedded_voice.txt"):
            SpeakerEncoder(tmp_path / file)
