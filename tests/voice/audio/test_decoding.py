import wave
from itertools import islice

import numpy as np
import pytest

from pixel.voice.audio.decoding import AudioError, probe, quietest, windows
from pixel.voice.audio.probe import opened
from tests.voice.audio.made import loudest_frequency, tone, write

av = pytest.importorskip("av")


def decoded(path, seconds=600.0):
    return np.concatenate([window.samples for window in windows(path, seconds)])


@pytest.mark.parametrize(
    ("name", "codec", "form", "rate", "channels"),
    [
        ("speech.wav", "pcm_s16le", None, 44_100, 2),
        ("eight_bits.wav", "pcm_u8", None, 8_000, 1),
        ("very_high.wav", "pcm_s32le", None, 192_000, 1),
        ("surround.flac", "flac", None, 48_000, 6),
        ("film.mp4", "aac", "mp4", 48_000, 2),
        ("film.mkv", "libopus", "matroska", 48_000, 1),
        ("as_wanted.m4a", "aac", "mp4", 16_000, 1),
        ("floats.wav", "pcm_f32le", None, 16_000, 2),
        ("wrong_ending.mp3", "flac", "flac", 22_050, 1),
        ("no_ending", "libmp3lame", "mp3", 44_100, 1),
    ],
)
def test_any_form_becomes_the_same_tone_at_16_khz(tmp_path, name, codec, form, rate, channels):
    path = write(tmp_path / name, np.tile(tone(3, rate), (channels, 1)), rate, codec, form)
    samples = decoded(path)
    assert samples.dtype == np.float32
    assert len(samples) / 16_000 == pytest.approx(3, abs=0.1)
    assert loudest_frequency(samples[8_000:40_000]) == pytest.approx(440, abs=1)
    assert np.sqrt((samples[8_000:40_000] ** 2).mean()) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def test_headers_are_read_without_decoding(tmp_path):
    path = write(tmp_path / "a.flac", np.tile(tone(2, 44_100), (2, 1)), 44_100, "flac")
    facts = probe(path)
    assert (facts.rate, facts.channels, facts.codec) == (44_100, 2, "flac")
    assert facts.seconds == pytest.approx(2, abs=0.01)


def test_windows_follow_each_other_without_gap_and_are_cut_in_the_pause(tmp_path):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 100 * 16_000)
    samples[25 * 16_000 : 26 * 16_000] = 0
    path = write(tmp_path / "a.wav", samples[None], 16_000, "pcm_s16le")
    found = list(windows(path, 40))
    assert [window.index for window in found] == list(range(len(found)))
    assert 25 <= found[1].start <= 26
    for before, after in zip(found, found[1:], strict=False):
        assert after.start == pytest.approx(before.start + len(before.samples) / 16_000)
    np.testing.assert_allclose(np.concatenate([window.samples for window in found]), samples, atol=1e-4)
    assert max(len(window.samples) for window in found) <= 40 * 16_000


def test_the_quietest_place_is_looked_for_in_the_last_half_minute_only():
    samples = np.full(60 * 16_000, 0.3, np.float32)
    samples[10 * 16_000 : 11 * 16_000] = 0  # too early
    samples[45 * 16_000 : 46 * 16_000] = 0.01
    assert 45 <= quietest(samples) / 16_000 <= 46


def test_the_same_file_gives_the_same_bytes(tmp_path):
    path = write(tmp_path / "a.mp3", tone(50, 44_100)[None], 44_100, "libmp3lame")
    assert [w.samples.tobytes() for w in windows(path, 31)] == [w.samples.tobytes() for w in windows(path, 31)]


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "empty file"), (b"not a recording at all" * 50, "not a recording")]
)
def test_what_is_no_recording_is_named_with_its_mend_on_one_line(tmp_path, content, words):
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=words) as caught:
        list(windows(path))
    assert str(path) in str(caught.value) and "Mend" in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(AudioError, match="no such file"):
        probe(tmp_path / "gone.wav")


def test_a_film_without_sound_is_refused(tmp_path):
    with av.open(str(tmp_path / "silent.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 16
        for _ in range(10):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8))))
        container.mux(stream.encode(None))
    with pytest.raises(AudioError, match="no audio"):
        probe(tmp_path / "silent.mp4")


def test_zero_seconds_of_sound_are_refused(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as made:
        made.setparams((1, 2, 16_000, 0, "NONE", ""))
    with pytest.raises(AudioError, match="0 seconds|no audio|not a recording"):
        list(windows(tmp_path / "a.wav"))


def test_a_damaged_middle_hands_out_the_good_part_first(tmp_path):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 90 * 16_000)
    path = write(tmp_path / "a.flac", noise[None], 16_000, "flac")
    data = bytearray(path.read_bytes())
    third = len(data) // 3
    data[2 * third : 2 * third + third // 2] = bytes(third // 2)
    path.write_bytes(data)
    found = []
    with pytest.raises(AudioError, match="damaged at|breaks off"):
        for window in windows(path, 31):
            found.append(window)
    good = np.concatenate([window.samples for window in found])[: 55 * 16_000]
    np.testing.assert_allclose(good, noise[: 55 * 16_000], atol=1e-3)


def test_a_file_that_was_cut_short_is_found_out(tmp_path):
    path = write(tmp_path / "a.flac", np.random.default_rng(0).uniform(-1, 1, (1, 320_000)), 16_000, "flac")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(AudioError, match="breaks off|damaged"):
        list(windows(path))


def test_a_gap_in_the_clock_is_silence_so_that_times_stay_true(tmp_path):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=16_000, layout="mono")
        for begin in (0, 10 * 16_000):  # two seconds, then nothing until the tenth
            sound = (tone(2, 16_000) * 32_767).astype(np.int16)
            for place in range(0, len(sound), 1600):
                frame = av.AudioFrame.from_ndarray(sound[None, place : place + 1600], format="s16", layout="mono")
                frame.sample_rate, frame.pts = 16_000, begin + place
                container.mux(stream.encode(frame))
    samples = decoded(path)
    assert len(samples) / 16_000 == pytest.approx(12, abs=0.1)
    assert np.abs(samples[3 * 16_000 : 9 * 16_000]).max() == 0
    assert np.abs(samples[round(10.2 * 16_000) : round(11.8 * 16_000)]).max() > 0.4


@pytest.mark.parametrize("channels", [9, 16])
def test_more_than_eight_channels_are_heard_as_their_mean(tmp_path, channels):
    sound = np.zeros((32_000, channels))
    sound[:, -1] = tone(2, 16_000)
    with wave.open(str(tmp_path / "a.wav"), "wb") as made:
        made.setparams((channels, 2, 16_000, 0, "NONE", ""))
        made.writeframes((sound * 32_767).astype("<i2").tobytes())
    np.testing.assert_allclose(decoded(tmp_path / "a.wav"), sound[:, -1] / channels, atol=1e-4)


def test_a_container_that_cannot_be_read_on_hands_out_what_came_before(tmp_path, monkeypatch):
    from pixel.voice.audio import stream

    class Failing:
        """An open container whose disk fails after ten packets."""

        def __init__(self, inner):
            self.inner, self.streams, self.format = inner, inner.streams, inner.format

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.inner.close()

        def demux(self, stream):
            yield from islice(self.inner.demux(stream), 10)
            raise av.error.OSError(5, "Input/output error")

    path = write(tmp_path / "a.wav", tone(4, 16_000)[None], 16_000, "pcm_s16le")
    monkeypatch.setattr(stream, "opened", lambda path: Failing(opened(path)))
    found = []
    with pytest.raises(AudioError, match=r"damaged at \d\.\d s \(Input/output error\). Mend"):
        for window in windows(path):
            found.append(window)
    assert 0.3 < len(found[0].samples) / 16_000 < 4


def test_windows_must_be_longer_than_the_stretch_in_which_they_are_cut(tmp_path):
    with pytest.raises(ValueError, match="more than 30"):
        next(windows(tmp_path / "a.wav", 30))
