"""Alarms are counted by kind of stream, those before the change apart."""

import numpy as np
import pytest

from pixel.benchmarks.voice.ami_streams import Stream
from pixel.benchmarks.voice.drift import MEETING, SAME, Heard, reference_of, rows_of
from pixel.voice.personality.consistency.drift import Curve

TEXTS = ["word " * 300] * 10
PLACES = np.arange(3, 10)


def heard(kind, number, cosine, place=None):
    """A stream of ten texts of 300 words; `cosine` of each of its seven blocks, and of its cuts."""
    curve = Curve(PLACES, np.asarray(cosine, dtype=float), np.full(7, 600.0), np.full(7, 300.0))
    stream = Stream(f"g{number % 6}", TEXTS, place, None if place is None else 300 * place)
    return Heard(kind, stream, number % 2, curve, curve)


@pytest.fixture(scope="module")
def rows():
    noise = np.random.default_rng(0)
    own = [heard(SAME, number, noise.normal(0.6, 0.05, 7)) for number in range(60)]
    early = [heard(MEETING, number, [0.0] * 7, place=8) for number in range(5)]  # alarm after text 3, change at 8
    late = [heard(MEETING, number, [0.6] * 3 + [0.0] * 4, place=5) for number in range(15)]  # alarm after 6: 300 words
    found = rows_of([*own, *early, *late], alphas=(0.05,))
    return {row["stream"]: row for row in found}


def test_streams_of_one_speaker_raise_about_as_many_alarms_as_were_set(rows):
    assert rows[SAME]["alarms"] < 0.2 and rows[f"{SAME}, as it comes"]["alarms"] < 0.2
    assert rows[SAME]["low"] <= rows[SAME]["alarms"] <= rows[SAME]["high"]


def test_alarms_before_the_change_are_told_and_do_not_count_as_its_delay(rows):
    found = rows[f"{MEETING}, as it comes"]
    assert (found["n"], found["alarms"], found["too early"], found["median words away"]) == (20, 1.0, 0.25, 300)


def test_the_sequential_limit_is_passed_by_the_share_that_was_asked_for():
    noise = np.random.default_rng(1)
    own = [heard(SAME, number, noise.normal(0.6, 0.05, 7)) for number in range(60)]
    assert reference_of(own, alarms=0.5).limit < reference_of(own, alarms=0.05).limit
