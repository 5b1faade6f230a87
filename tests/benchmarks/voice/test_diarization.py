import numpy as np
import pytest

from pixel.benchmarks.voice.diarization import Heard, _row, _without, best_distance
from pixel.benchmarks.voice.speaker_scenes import Scene
from pixel.voice.diarization.turns import spots


def heard(name, distance, seconds=10):
    """Two voices, one after the other, whose glimpses are `distance` apart in cosine."""
    looked = [spot for start in (0, seconds) for spot in spots(start, start + seconds)]
    angle = np.arccos(1 - distance)
    voices = np.array([[1, 0], [np.cos(angle), np.sin(angle)]])
    scene = Scene(name, np.zeros(0), [(0, seconds, "a"), (seconds, 2 * seconds, "b")])
    return Heard(scene, looked, np.repeat(voices, len(looked) // 2, 0))


def test_the_best_distance_parts_voices_that_are_farther_from_each_other():
    assert best_distance([heard("x", 0.345), heard("y", 0.5)]) <= 0.34
    # every distance of the grid, 0.30 to 0.49, parts voices 0.6 from each other: the middle is as good as any
    assert best_distance([heard("x", 0.6)]) == pytest.approx(0.40)


def test_a_row_has_the_mean_error_and_its_parts():
    near, far = heard("x", 0.2), heard("y", 0.6)  # found as one voice: half of the speech is the wrong one's
    row = _row("both", "known", [near, far], [{"apart": 0.4}] * 2)
    assert row["error"] == row["confused"] == pytest.approx(0.25)
    assert (row["n"], row["right_number"], row["missed"], row["invented"]) == (2, 0.5, 0, 0)
    assert row["low"] == 0 and row["high"] == pytest.approx(0.5)


def test_a_distance_is_chosen_without_the_readers_it_is_tested_on():
    plants = [heard(name, 0.5) for name in ("a", "b", "c", "a+b", "b+c", "c+d", "c+d+e")]
    assert [one.scene.name for one in _without(plants, plants[3])] == ["c", "c+d", "c+d+e"]
