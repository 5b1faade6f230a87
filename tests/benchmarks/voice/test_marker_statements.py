import numpy as np
import pytest

from pixel.benchmarks.voice.marker_statements import HEADER, statements_hold

HABITS = ("maybe I think", "you know", "it's", "the a", "please", "definitely", "very", "yeah")
WORDS = "we could make the remote with one big button and put a light on it for people".split()


def planted(root, groups, kept):
    """Eight a group, each with a habit; with `kept` below 1 it ends after that share of the talk."""
    (root / "ami").mkdir()
    generator = np.random.default_rng(0)
    for number in range(8 * groups):
        lines = [" ".join(generator.choice(WORDS, 6)) for _ in range(90)]
        said = [f"{HABITS[number % 8]} {line}." if at < kept * 90 else f"{line}." for at, line in enumerate(lines)]
        file = root / "ami" / f"ES900{number // 8}a.{'ABCDEFGH'[number % 8]}.transcript.txt"
        file.write_text(" ".join(said), encoding="utf-8")
    return root


def test_habits_that_go_through_a_whole_talk_hold_in_its_other_sample(tmp_path):
    rows = statements_hold(planted(tmp_path, 5, kept=1), words=(250,))
    assert [row["samples"] for row in rows] == ["spread over the talk", "start and end"]
    for row in rows:
        assert set(row) == set(HEADER) and row["speakers"] == 40 and row["statements"] > 40
        assert row["same_side"] > 0.9 and row["unusual_again"] > 0.7


def test_habits_that_end_half_way_do_not_hold_at_the_end_of_the_talk(tmp_path):
    spread, apart = statements_hold(planted(tmp_path, 5, kept=0.5), words=(250,))
    assert spread["same_side"] > 0.9 and apart["unusual_again"] < 0.3


def test_too_few_others_are_named(tmp_path):
    with pytest.raises(ValueError, match="too few speakers with 2 x 250 words"):
        statements_hold(planted(tmp_path, 2, kept=1), words=(250,))
