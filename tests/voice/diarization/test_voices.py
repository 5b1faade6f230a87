import numpy as np
import pytest

from pixel.voice.diarization.turns import SECONDS, spots, turns
from pixel.voice.diarization.voices import find_voices
from tests.voice.diarization.planted import PitchEncoder, scene


def planted(counts, size=64, noise=0.25, seed=0):
    """Glimpses of voices that follow one another, voice `i` for `counts[i]` glimpses."""
    rng = np.random.default_rng(seed)
    means = np.eye(size)[: len(counts)] + 0.3  # shared part: two voices are about 0.4 to 0.6 apart in cosine
    glimpses = np.concatenate([mean + noise * rng.standard_normal((n, size)) / size**0.5 for mean, n in
                               zip(means, counts, strict=True)])  # fmt: skip
    return glimpses / np.linalg.norm(glimpses, axis=1, keepdims=True)


def times(count, step=0.4):
    return step * (np.arange(count) + 0.5)


def orthogonal(order, size=8):
    return np.eye(size)[list(order)], times(len(order))


def test_voices_are_named_in_order_of_appearance():
    glimpses, when = orthogonal([5] * 10 + [2] * 10 + [5] * 10 + [7] * 10)
    assert find_voices(glimpses, when, 0.4).tolist() == [0] * 10 + [1] * 10 + [0] * 10 + [2] * 10


def test_noisy_glimpses_of_one_voice_stay_one():
    rng = np.random.default_rng(1)
    glimpses = np.ones((60, 64)) + 0.6 * rng.standard_normal((60, 64))
    glimpses /= np.linalg.norm(glimpses, axis=1, keepdims=True)
    assert set(find_voices(glimpses, times(60), 0.4)) == {0}


def test_an_odd_sound_is_no_voice_of_its_own():
    glimpses, when = orthogonal([0] * 20 + [1] * 2 + [0] * 20)  # 0.8 s of a cough
    assert set(find_voices(glimpses, when, 0.4)) == {0}


def test_the_given_number_of_speakers_is_found_though_an_odd_sound_stands_apart():
    near = np.array([[1.0, 0.0, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 1.0]])  # two alike voices and a cough
    glimpses = near[[0] * 20 + [2] + [1] * 20]
    found = find_voices(glimpses, times(41), 0.4, speakers=2)
    assert set(found[:20]) == {0} and set(found[21:]) == {1}


def test_nobody_and_one_glimpse_are_no_trouble():
    assert find_voices(np.zeros((0, 8)), np.zeros(0), 0.4).tolist() == []
    assert find_voices(np.eye(8)[:1], times(1), 0.4).tolist() == [0]
    assert find_voices(*orthogonal([3, 3]), 0.4, speakers=5).tolist() == [0, 0]


def test_a_number_of_speakers_below_one_is_an_error():
    with pytest.raises(ValueError, match="speakers is 0"):
        find_voices(*orthogonal([0, 1]), 0.4, speakers=0)


def test_a_single_doubtful_glimpse_does_not_change_the_speaker_but_a_clear_turn_does():
    doubtful = np.array([0.66, 0.75]) / np.hypot(0.66, 0.75)  # a little nearer to the other
    glimpses = np.array([[1.0, 0]] * 10 + [doubtful] + [[1.0, 0]] * 10 + [[0, 1.0]] * 10)
    assert find_voices(glimpses, times(31), 0.4).tolist() == [0] * 21 + [1] * 10


def test_many_glimpses_are_judged_by_an_even_choice_of_them(monkeypatch):
    monkeypatch.setattr("pixel.voice.diarization.voices.MOST", 50)
    glimpses, when = orthogonal(([0] * 50 + [1] * 50) * 5)
    assert find_voices(glimpses, when, 0.4).tolist() == ([0] * 50 + [1] * 50) * 5


@pytest.mark.parametrize(("start", "end"), [(0.0, 10.0), (3.0, 3.3), (1.0, 2.7)])
def test_spots_cover_a_stretch_without_gaps_and_listen_inside_where_it_is_long_enough(start, end):
    found = list(spots(start, end))
    assert found[0].start == start and found[-1].end == pytest.approx(end)
    assert all(a.end == pytest.approx(b.start) for a, b in zip(found, found[1:], strict=False))
    if end - start >= SECONDS:
        assert all(start <= spot.heard <= end - SECONDS + 1e-9 for spot in found)


def test_turns_of_planted_voices_are_found_at_their_times():
    samples, true = scene((0, 6), (1, 5), (0, 4), (2, 6), pause=0.3)
    found = turns(samples, [(start, end) for start, end, _ in true], PitchEncoder())
    assert [(round(turn.start, 2), round(turn.end, 2), turn.speaker) for turn in found] == [
        (0.0, 6.0, 0), (6.3, 11.3, 1), (11.6, 15.6, 0), (15.9, 21.9, 2),
    ]  # fmt: skip


def test_a_change_within_a_stretch_is_found_within_half_a_second():
    samples, _ = scene((0, 6), (1, 6))
    first, second = turns(samples, [(0, 12)], PitchEncoder())
    assert (first.speaker, second.speaker) == (0, 1) and abs(first.end - 6) <= 0.5
