import json

import numpy as np
import pytest

from pixel.models.labels import EMOTIONS
from pixel.voice.personality.markers import emotion
from tests.voice.personality.markers.talk import record


def test_mean_spread_and_step_of_valence():
    found = emotion.measure([record(value) for value in (0.2, 0.4, 0.6, 0.4, 0.4)])
    assert found["valence_mean"] == pytest.approx(0.4)
    assert found["valence_step"] == pytest.approx(0.6 / 4)
    assert found["valence_spread"] == pytest.approx(np.std([0.2, 0.4, 0.6, 0.4, 0.4], ddof=1))


def test_inertia_is_the_carry_over_of_an_autoregressive_series():
    generator, values = np.random.default_rng(0), [0.0]
    for _ in range(3000):
        values.append(0.6 * values[-1] + generator.normal())
    assert emotion.measure([record(value) for value in values])["valence_inertia"] == pytest.approx(0.6, abs=0.04)


def test_feelings_that_go_to_and_fro_have_negative_inertia():
    assert emotion.measure([record(0.2 + 0.6 * (n % 2)) for n in range(12)])["valence_inertia"] == pytest.approx(-1)


def test_a_steady_or_short_series_has_no_inertia():
    assert emotion.measure([record(0.3)] * 20)["valence_inertia"] is None
    assert emotion.measure([record(value / 9) for value in range(7)])["valence_inertia"] is None


def test_variety_is_how_many_feelings_share_the_turns():
    one = emotion.measure([record(joy=0.8, fear=0.7)] * 6)["variety"]
    two = emotion.measure([record(joy=0.8), record(fear=0.4)] * 3)["variety"]
    assert one == pytest.approx(1) and two == pytest.approx(2)


def test_neutral_turns_are_no_feelings():
    found = emotion.measure([record(joy=0.4, neutral=0.6)] * 6 + [record(joy=0.4)] * 2)
    assert found["feeling_turns"] == 0.25 and found["variety"] is None


def test_positive_and_negative_are_means_over_their_labels():
    found = emotion.measure([record(joy=0.6, sadness=0.22)] * 5)
    assert found["positive"] == pytest.approx(0.6 / 12) and found["negative"] == pytest.approx(0.22 / 11)
    assert found["feeling_turns"] == 1.0 and found["variety"] == pytest.approx(1)


def test_every_label_is_in_one_group_at_most():
    assert not emotion.POSITIVE & emotion.NEGATIVE
    assert set(EMOTIONS) - emotion.POSITIVE - emotion.NEGATIVE == {
        "confusion", "curiosity", "realization", "surprise", "neutral",
    }  # fmt: skip


def test_heads_that_were_not_trained_are_null():
    found = emotion.measure([{"emotion": {"distress": 0.2}}] * 6)
    assert found["distress_mean"] == pytest.approx(0.2) and found["valence_mean"] is None and found["variety"] is None


def test_too_few_turns_are_null_with_every_name():
    assert emotion.measure([record()] * 4) == dict.fromkeys(emotion.MARKERS)


def test_the_distribution_leaves_neutral_out():
    found = emotion.distribution([record(neutral=0.9, fear=0.5, joy=0.1)] * 3, most=2)
    assert json.dumps(found) == '{"fear": 0.5, "joy": 0.1}'
    assert emotion.distribution([{}]) == {}
