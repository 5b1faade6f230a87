"""Planted voices are consistent, found again in clusters and under their own name; shuffled names are not."""

from functools import partial

import pytest

from pixel.benchmarks.voice import consistency as benchmark
from tests.voice.personality.consistency.speakers import talk, vector


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    (root / "ami").mkdir()
    for group in range(5):
        for number, channel in enumerate("ABC"):
            said = ". ".join(talk(10 * group + number, 1500))
            (root / "ami" / f"ES900{group}a.{channel}.transcript.txt").write_text(said, encoding="utf-8")
    few = partial(benchmark.bootstrap_interval, resamples=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benchmark, "bootstrap_interval", few)
        found = benchmark.consistency_figures(root, fit=lambda some: vector)
    return {(row["what"], row["figure"]): row for row in found}


def value(rows, what, figure):
    (found,) = [row["value"] for (one, two), row in rows.items() if what in one and two.startswith(figure)]
    return found


def test_planted_voices_are_told_apart_at_every_length(rows):
    assert value(rows, "300 words beside 300", "AUC") > 0.9
    assert value(rows, "600 words beside 600", "AUC") >= value(rows, "300 words beside 300", "AUC") - 0.02


def test_a_planted_sample_is_odd_and_own_samples_seldom_are(rows):
    what = "speakers with 4 samples"
    assert value(rows, what, "a planted sample of another one named") > 0.8
    assert value(rows, what, "own samples named") < 0.2


def test_clusters_are_the_speakers_and_shuffled_names_agree_by_chance(rows):
    assert value(rows, "average linkage", "adjusted Rand index") > 0.8
    assert abs(value(rows, "average linkage", "the same, names shuffled")) < 0.2


def test_what_is_said_later_is_nearest_to_its_own_voice(rows):
    assert value(rows, "second half", "nearest to its own voice (chance 0.33)") > 0.9
