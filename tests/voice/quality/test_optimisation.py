from itertools import combinations

import numpy as np
import pytest

from pixel.voice.quality.optimisation import quality_of, within_budget
from pixel.voice.segment import Segment, Word


def segment(place, seconds=36.0, wrong=0.1, file="a.mp3", speaker=None):
    return Segment(file, 100.0 * place, 100.0 * place + seconds, "x", speaker=speaker, quality={"expected_wer": wrong})


def directions(*which, size=8):
    """Unit vectors along axes; the same axis is the same topic."""
    return np.eye(size, dtype=np.float32)[list(which)]


def test_what_fits_is_all_kept():
    assert within_budget([segment(0), segment(1)], 0.02, directions(0, 0)) == [0, 1]


def test_the_budget_is_never_exceeded():
    draw = np.random.default_rng(0)
    segments = [segment(place, float(seconds)) for place, seconds in enumerate(draw.uniform(2, 60, 40))]
    vectors = draw.standard_normal((40, 8))
    kept = within_budget(segments, 0.1, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    assert 300 < sum(segments[place].end - segments[place].start for place in kept) <= 360


def test_one_of_each_topic_before_a_second_of_one():
    kept = within_budget([segment(place) for place in range(6)], 0.03, directions(0, 0, 0, 0, 1, 2))
    assert len(kept) == 3 and {4, 5} <= set(kept)


def test_of_equal_topics_the_better_transcript_is_kept():
    segments = [segment(0, wrong=0.5), segment(1, wrong=0.05), segment(2, wrong=0.5)]
    assert within_budget(segments, 0.01, directions(0, 0, 0)) == [1]


def test_a_second_voice_is_kept_before_more_of_the_first():
    segments = [segment(place, speaker="S1") for place in range(4)] + [segment(4, speaker="S2")]
    assert 4 in within_budget(segments, 0.02, directions(0, 0, 0, 0, 0))


def test_greedy_comes_within_its_guarantee_of_the_best_there_is():
    draw = np.random.default_rng(1)
    segments = [
        segment(place, float(seconds), float(draw.uniform(0, 0.6)), speaker=f"S{place % 3}")
        for place, seconds in enumerate(draw.uniform(5, 40, 9))
    ]
    vectors = draw.standard_normal((9, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    seconds = np.array([one.end - one.start for one in segments])
    quality = np.array([1 - one.quality["expected_wer"] for one in segments])
    near = (1 + vectors @ vectors.T) / 2

    def voices(members):
        return sum(sum(seconds[i] for i in members if i % 3 == voice) ** 0.5 for voice in range(3))

    def value(members):
        """The formula of `within_budget`, with its default weights."""
        members = list(members)
        covered = near[:, members].max(1).mean()
        return covered + (seconds * quality)[members].sum() / (seconds @ quality) + 0.5 * voices(members) / all_voices

    all_voices = voices(range(9))

    budget = 80.0
    best = max(
        value(members)
        for count in range(1, 8)
        for members in combinations(range(9), count)
        if seconds[list(members)].sum() <= budget
    )
    assert value(within_budget(segments, budget / 3600, vectors)) >= 0.9 * best


def test_the_choice_does_not_depend_on_chance():
    draw = np.random.default_rng(2)
    vectors = draw.standard_normal((30, 8))
    segments = [segment(place) for place in range(30)]
    assert within_budget(segments, 0.1, vectors) == within_budget(segments, 0.1, vectors)


def test_quality_falls_back_to_the_words_probability():
    heard = Segment("a", 0, 1, "yes", (Word(" yes", 0, 1, 0.7),))
    assert (quality_of(heard), quality_of(segment(0, wrong=0.2))) == (0.7, 0.8)


@pytest.mark.parametrize(("hours", "vectors"), [(0.0, directions(0)), (1.0, directions(0, 1))])
def test_bad_arguments_name_their_mend(hours, vectors):
    with pytest.raises(ValueError, match="Mend"):
        within_budget([segment(0)], hours, vectors)
