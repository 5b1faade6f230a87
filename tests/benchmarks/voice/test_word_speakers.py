import numpy as np
import pytest

from pixel.benchmarks.voice.speaker_scenes import Scene
from pixel.benchmarks.voice.word_speakers import _pooled, matched, right_words
from pixel.voice.segment import Segment, Word
from tests.voice.diarization.planted import PitchEncoder, scene

TRUE = [(0, 10, "a"), (8, 20, "b")]


def test_words_are_right_where_their_speaker_talks_in_their_middle():
    words = [(1, "S2"), (9, "S1"), (9.5, "S2"), (15, "S1"), (16, "S2"), (30, "S1")]  # the last is in nobody's turn
    # S2 is a and S1 is b: only the word at 16 s is wrong
    assert matched(Scene("x", np.zeros(0), TRUE), words) == {"words": 5, "right": 4}


def test_a_third_voice_that_is_nobody_has_no_right_words():
    words = [(1, "S1"), (2, "S2"), (15, "S3"), (16, "S3")]
    assert matched(Scene("x", np.zeros(0), TRUE), words) == {"words": 4, "right": 3}


def test_words_of_nobody_are_wrong():
    words = [(1, None), (2, None), (15, "S1")]
    assert matched(Scene("x", np.zeros(0), TRUE), words) == {"words": 3, "right": 1}
    assert matched(Scene("x", np.zeros(0), TRUE), [(1, None)]) == {"words": 1, "right": 0}


def test_nothing_heard_counts_nothing():
    assert matched(Scene("x", np.zeros(0), TRUE), []) == {"words": 0, "right": 0}


def test_a_segment_over_two_turns_is_cut_and_its_words_are_right(monkeypatch):
    monkeypatch.setattr("pixel.voice.diarization.labelling.encoder", PitchEncoder)
    samples, true = scene((0, 6), (1, 6))
    words = tuple(Word(f" w{i}", float(i), i + 1.0, 0.9) for i in range(12))
    found = right_words(Scene("x", samples, true), [Segment("x", 0, 12, "...", words)], given=False)
    assert found == {"segments": 1, "parts": 2, "words": 12, "right": 12}


def test_conversations_are_pooled_by_words_with_an_interval_over_conversations():
    counts = [
        {"segments": 1, "parts": 2, "words": 10, "right": 10},
        {"segments": 1, "parts": 1, "words": 30, "right": 15},
    ]
    row = _pooled(counts)
    assert row["right"] == pytest.approx(25 / 40) and (row["low"], row["high"]) == pytest.approx((0.5, 1.0))
    assert (row["n"], row["segments"], row["parts"], row["words"]) == (2, 2, 3, 40)
