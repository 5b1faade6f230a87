"""Weights are written where they are asked for, and are read by what uses them."""

import pytest

from pixel.benchmarks.voice.consistency_weights import write_weights
from pixel.voice.personality.consistency.drift_reference import DriftReference
from pixel.voice.personality.consistency.likeness import Likeness
from tests.voice.personality.consistency.speakers import talk, vector


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    (root / "ami").mkdir()
    for group in range(6):
        for number, channel in enumerate("ABCD"):
            said = ". ".join(talk(10 * group + number, 1500))
            (root / "ami" / f"ES900{group}a.{channel}.transcript.txt").write_text(said, encoding="utf-8")
    return write_weights(root, tmp_path_factory.mktemp("weights") / "new", fit=lambda some: vector)


def test_more_alike_is_more_likely_one_person(folder):
    likeness = Likeness.load(folder / "likeness.json")
    assert likeness.slope > 0
    assert likeness.probability(0.9, 300, 300) > 0.5 > likeness.probability(-0.5, 300, 300)


def test_the_reference_of_drift_reads_back(folder):
    reference = DriftReference.load(folder / "drift.json")
    assert reference.scale > 0 and reference.limit > 0 and len(reference.mean) == len(reference.spread) == 3


def test_without_transcripts_it_says_what_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match="no transcripts there"):
        write_weights(tmp_path, tmp_path / "new")
    assert not (tmp_path / "new" / "likeness.json").exists()
