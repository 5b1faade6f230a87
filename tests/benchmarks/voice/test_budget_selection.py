"""Choosing under a budget, on planted talk."""

import numpy as np
import pytest

from pixel.benchmarks.voice.budget_selection import budget_selection


class BagOfTopics:
    """Vectors by the topic word that every segment repeats."""

    def encode(self, texts):
        topics = sorted({text.split()[0] for text in texts})
        return np.eye(len(topics), dtype=np.float32)[[topics.index(text.split()[0]) for text in texts]]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    (root / "ami").mkdir()
    for number in range(12):
        said = " ".join([f"topic{number}"] * 260)
        (root / "ami" / f"ES900{number // 4}a.{'ABCD'[number % 4]}.transcript.txt").write_text(said)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pixel.text.sentence_encoder.default_encoder", BagOfTopics)
        return {row["way"]: row for row in budget_selection(root, segments=100, share=0.12, repeats=5)}


def test_quality_first_has_the_most_right_words(rows):
    best = rows["highest quality first"]["right_words"]
    assert best > rows["chance, mean of 5"]["right_words"]
    assert best >= rows["coverage, quality and voices"]["right_words"]


def test_coverage_hears_more_voices_than_quality_alone(rows):
    assert rows["coverage, quality and voices"]["voices"] > rows["highest quality first"]["voices"]


def test_chance_has_a_spread_and_the_others_none(rows):
    assert rows["chance, mean of 5"]["right_words_sd"] > 0
    assert rows["highest quality first"]["right_words_sd"] is None
