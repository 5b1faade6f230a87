import hashlib
import json
import weakref
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from pixel.voice.audio.errors import AudioError
from pixel.voice.pipeline.hearing import hear, look
from pixel.voice.pipeline.job import Job
from pixel.voice.transcription.settings import Settings
from tests.voice.pipeline import fakes


@pytest.fixture
def tools():
    settings = Settings(device="cpu")
    return fakes.make_tools(Job(settings), settings)


@pytest.fixture
def talk(tmp_path):
    path = tmp_path / "talk.wav"
    path.write_text("one two\nthree\nfour five six\n")
    return path


def test_looking_gives_the_digest_and_the_length(talk, tools):
    expected = hashlib.sha256(b"one two\nthree\nfour five six\n").hexdigest()
    assert look(talk, tools) == {"sha256": expected, "size": 28, "seconds": 30.0, "reason": None}


def test_what_is_no_sound_still_has_a_digest(tmp_path, tools):
    (tmp_path / "x").write_bytes(b"\xff\xff")
    seen = look(tmp_path / "x", tools)
    assert seen["reason"] == "is no sound" and seen["sha256"] == hashlib.sha256(b"\xff\xff").hexdigest()


def test_only_windows_that_are_not_known_are_heard(talk, tools):
    known = {0: ("en", 0.9, 1.0), 2: ("en", 0.9, 1.0)}
    heard = list(hear("talk.wav", talk, tools, tools.transcriber(), 600.0, known))
    assert [window[0] for window in heard] == [1] and json.loads(heard[0][3])[0]["text"] == "three"


def test_windows_come_before_the_error_that_ends_them(tmp_path, tools):
    (tmp_path / "cut.wav").write_text("whole\n!broken\n")
    heard = hear("cut.wav", tmp_path / "cut.wav", tools, tools.transcriber(), 600.0)
    assert json.loads(next(heard)[3])[0]["text"] == "whole"
    with pytest.raises(AudioError, match="broke off"):
        next(heard)


def test_memory_holds_one_window_at_a_time(talk, tools):
    made = []

    def windows(path, seconds):
        for index in range(3):
            assert [samples() for samples in made] == [None] * index  # those before are gone
            samples = np.zeros(16_000, np.float32)
            made.append(weakref.ref(samples))
            window = [SimpleNamespace(index=index, start=float(index), samples=samples)]
            del samples
            yield window.pop()

    heard = list(hear("talk.wav", talk, replace(tools, windows=windows), tools.transcriber(), 600.0))
    assert [window[0] for window in heard] == [0, 1, 2]


def test_a_segment_is_measured_with_half_a_second_around_it(talk, tools):
    seen = []

    def measure(samples, speech, mos):
        seen.append((len(samples) / 16_000, speech))
        return {"snr_db": float("nan"), "clipped_share": 0.25}

    heard = list(hear("talk.wav", talk, replace(tools, measure=measure), tools.transcriber(), 600.0))
    # two words from 0 to 2 s of the first window: nothing lies before it; then three words
    assert seen == [(2.5, [(0.0, 2.0)]), (1.5, [(0.0, 1.0)]), (3.5, [(0.0, 3.0)])]
    row = json.loads(heard[0][3])[0]
    assert row["quality"] == {"snr_db": None, "clipped_share": 0.25}  # JSON knows no NaN
    assert json.loads(heard[0][8]) == {"clipped_share": 0.25, "snr_db": None}
