import numpy as np
import pytest

from pixel.benchmarks.voice.readout_markers import HEADER, readout_reliability


@pytest.fixture(scope="module")
def rows():
    generator, people = np.random.default_rng(0), []
    for number in range(40):
        own = generator.uniform(0.2, 0.8)
        turns = [
            {
                "emotion": {
                    "vad": {"valence": own, "arousal": generator.uniform(), "dominance": generator.uniform()},
                    "distress": own,
                },
                "empathy": {"genuine": own},
            }
            for _ in range(24)
        ]
        people.append({"role": ("assistant", "user")[number % 2], "group": f"g{number // 4}", "turns": turns})
    return readout_reliability(people)


def of(rows, marker, role):
    return next(row for row in rows if (row["marker"], row["role"]) == (marker, role))


def test_a_persons_own_level_is_reliable_and_stable(rows):
    found = of(rows, "valence_mean", "assistant")
    assert found["reliability"] == pytest.approx(1) and found["stability"] == pytest.approx(1)
    assert found["people"] == 20 and set(found) == set(HEADER)


def test_chance_is_neither(rows):
    assert of(rows, "arousal_mean", "user")["low"] < 0.3


def test_the_order_of_turns_is_only_compared_between_halves(rows):
    found = of(rows, "arousal_step", "user")
    assert found["reliability"] is None and -1 <= found["stability"] <= 1


def test_empathy_is_told_of_helpers_only(rows):
    assert of(rows, "genuine", "assistant")["reliability"] == pytest.approx(1)
    assert not [row for row in rows if row["marker"] == "genuine" and row["role"] == "user"]
