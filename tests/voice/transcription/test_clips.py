import numpy as np
import pytest

from pixel.voice.audio.activity import RATE
from pixel.voice.transcription.clips import A_CLIP, LONGEST, cheapest, pack
from tests.voice.transcription.parts import activity


def test_of_all_ways_to_cut_the_cheapest_is_taken():
    generator = np.random.default_rng(0)
    for _ in range(30):
        inner = sorted(generator.choice(np.arange(1, 60), 8, replace=False).tolist())
        places = [0, *inner, 60]
        prices = [0.0, *generator.uniform(0, 2, 8).tolist(), 0.0]
        costs = []
        for mask in range(2**8):
            chosen = [0, *(place for bit, place in enumerate(inner, 1) if mask >> (bit - 1) & 1), 60]
            if max(np.diff(chosen)) <= 25:
                paid = sum(prices[bit] for bit in range(1, 9) if mask >> (bit - 1) & 1)
                costs.append(paid + A_CLIP * (len(chosen) - 1))
        if not costs:
            continue
        clips = cheapest(places, prices, 25 / RATE)
        paid = sum(prices[places.index(end)] for _, end in clips) + A_CLIP * len(clips)
        assert paid == pytest.approx(min(costs))


def test_clips_follow_each_other_and_are_never_too_long_even_without_a_pause():
    one = activity(100, (0, 100))
    packed = pack(np.zeros(100 * RATE, np.float32), one.pieces(), one)
    assert packed.clips[0][0] == 0 and packed.clips[-1][1] == 100 * RATE
    assert all(before[1] == after[0] for before, after in zip(packed.clips, packed.clips[1:], strict=False))
    assert max(end - start for start, end in packed.clips) <= LONGEST * RATE


def test_a_clip_ends_in_the_long_pause_rather_than_at_the_brim():
    one = activity(40, (0, 20), (20.7, 27), (27.2, 40))
    packed = pack(np.zeros(40 * RATE, np.float32), one.pieces(), one)
    assert len(packed.clips) == 2
    assert packed.clips[0][1] / RATE == pytest.approx(20.35, abs=0.05)


def test_times_find_back_over_the_pauses_that_were_taken_out():
    one = activity(100, (10, 12), (50, 52), (90, 91))
    samples = np.arange(100 * RATE, dtype=np.float32)
    packed = pack(samples, one.pieces(), one)
    assert len(packed.samples) / RATE == pytest.approx(5 + 3 * 0.8, abs=0.1)
    for place in (0.5, 3.5, 6.2):
        start, end = packed.true_times(place - 0.1, place + 0.1)
        assert samples[round(start * RATE)] == pytest.approx(packed.samples[round((place - 0.1) * RATE)], abs=2)
        assert end - start == pytest.approx(0.2, abs=1e-3)


def test_a_word_across_a_join_stays_in_the_piece_that_holds_its_middle():
    one = activity(100, (10, 12), (50, 52))
    packed = pack(np.zeros(100 * RATE, np.float32), one.pieces(), one)
    join = (packed.pieces[0][1] - packed.pieces[0][0]) / RATE
    start, end = packed.true_times(join - 0.3, join + 0.1)
    assert end == packed.pieces[0][1] / RATE and end - start == pytest.approx(0.3, abs=1e-3)


def test_nothing_spoken_gives_no_clip():
    one = activity(5)
    assert pack(np.zeros(5 * RATE, np.float32), one.pieces(), one).clips == ()
