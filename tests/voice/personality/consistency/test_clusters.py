import numpy as np
import pytest

from pixel.voice.personality.consistency.clusters import agglomerative, clusters, density
from tests.voice.personality.consistency.speakers import talk, vector

NAMES = [f"s{speaker}" for speaker in (1, 2, 3) for _ in range(5)]


@pytest.fixture(scope="module")
def table():
    return np.array([vector(" ".join(talk(s, 300, seed))) for s in (1, 2, 3) for seed in range(5)])


def test_three_speakers_are_three_clusters_and_their_number_was_not_told(table, likeness):
    found = clusters(table, likeness.threshold(), NAMES, resamples=5)
    assert found.count == 3 and found.agreement == 1.0
    assert found.labels.tolist() == [0] * 5 + [1] * 5 + [2] * 5
    assert found.silhouette > 0.2 and found.stability > 0.8


def test_density_finds_them_without_a_threshold(table):
    found = clusters(table, 0.0, NAMES, by_density=True, resamples=0)
    assert found.agreement > 0.7 and found.stability is None


def test_wrong_names_agree_no_more_than_chance(table, likeness):
    wrong = [f"s{place % 3}" for place in range(15)]
    assert clusters(table, likeness.threshold(), wrong, resamples=0).agreement < 0.1


def test_one_voice_is_one_cluster_without_a_silhouette(likeness):
    own = np.array([vector(" ".join(talk(4, 300, seed))) for seed in range(6)])
    found = clusters(own, likeness.threshold(), resamples=3)
    assert (found.count, found.silhouette, found.agreement) == (1, None, None)


def test_average_linkage_joins_at_the_likeness_it_is_given():
    angles = np.array([0.0, 0.2, 1.5])
    table = np.column_stack([np.cos(angles), np.sin(angles)])
    assert agglomerative(table, np.cos(0.3)).tolist() == [0, 0, 1]
    assert agglomerative(table, np.cos(0.1)).tolist() == [0, 1, 2]
    assert agglomerative(table[:1], 0.5).tolist() == [0]
    assert set(density(table, 2).tolist()) <= {-1, 0}


def test_three_samples_are_too_few(table):
    with pytest.raises(ValueError, match="3 samples have no clusters"):
        clusters(table[:3], 0.5)
