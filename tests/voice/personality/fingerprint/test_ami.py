import numpy as np
import pytest

from pixel.voice.personality.fingerprint.ami import (
    Speaker,
    cut,
    first_and_last,
    folds,
    folds_of,
    pairs,
    read_speakers,
)


def test_speakers_are_read_with_meeting_group_and_channel(tmp_path):
    (tmp_path / "ami").mkdir()
    (tmp_path / "ami" / "XX1234b.C.transcript.txt").write_text("so well", encoding="utf-8")
    assert read_speakers(tmp_path) == [Speaker("XX1234", "XX1234b", "C", "so well")]


def test_a_folder_without_transcripts_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="ami"):
        read_speakers(tmp_path)


def test_pieces_are_cut_whole_and_may_overlap():
    assert cut("a b c d e", 2) == ["a b", "c d"]
    assert cut("a b c d e", 2, most=1) == ["a b"]
    assert cut("a b c d e", 2, step=1) == ["a b", "b c", "c d", "d e"]


def test_pieces_far_apart_are_half_from_the_start_and_half_from_the_end():
    assert first_and_last("a b c d e f g h i j", 1) == ["a", "b", "i", "j"]
    assert first_and_last("a b c", 1) == ["a", "c"]
    assert first_and_last("a", 1) == []


def _letters(text):
    return np.array([text.count("x"), text.count("y")]) / max(1, np.hypot(text.count("x"), text.count("y")))


def test_pairs_are_made_within_a_meeting_only():
    said = [Speaker("G", "Ga", "A", "x x x x"), Speaker("G", "Ga", "B", "y y"), Speaker("G", "Gb", "A", "x x")]
    found = pairs(said, 2, _letters)
    assert sorted(zip(found.similarity.tolist(), found.same.tolist(), strict=True)) == [
        (0.0, False), (0.0, False), (1.0, True),
    ]  # fmt: skip


def test_pairs_apart_are_of_an_early_and_a_late_piece():
    found = pairs([Speaker("G", "Ga", "A", "x x y y"), Speaker("G", "Ga", "B", "x y")], 1, _letters, apart=True)
    # A: x x early, y y late (four pieces); B: x early, y late
    assert sorted(found.similarity[found.same].tolist()) == [0, 0, 0, 0, 0]
    assert len(found.same) == 5 + 2 + 2


def test_every_group_is_held_out_once_and_never_known_beside():
    said = [Speaker(f"G{number}", f"G{number}a", "A", "") for number in range(7)]
    seen = []
    for known, held_out in folds(said, 3):
        assert not {one.group for one in known} & {one.group for one in held_out}
        seen += [one.group for one in held_out]
    assert sorted(seen) == [one.group for one in said]


def test_groups_are_dealt_out_evenly_whatever_their_order():
    assert sorted(folds_of(["a", "b", "c", "d", "a"], 2).values()) == [0, 0, 1, 1]
    assert folds_of(["d", "c", "b", "a"], 2) == folds_of(["a", "b", "c", "d"], 2)
