import numpy as np
import pytest

from pixel.benchmarks.voice.marker_statements import HEADER, statements_hold


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    (root / "ami").mkdir()
    generator = np.random.default_rng(0)
    words = "we could make the remote with one big button and put a light on it for people".split()
    for number in range(8):
        habit = ("maybe I think", "you know", "it's", "the a")[number % 4]
        lines = [f"{habit} {' '.join(generator.choice(words, 6))}." for _ in range(90)]
        (root / "ami" / f"ES900{number // 4}a.{'ABCD'[number % 4]}.transcript.txt").write_text(" ".join(lines))
    return statements_hold(root, words=(300,))


def test_habits_that_go_through_a_whole_talk_hold_in_its_other_sample(rows):
    assert [row["samples"] for row in rows] == ["spread over the talk", "start and end"]
    for row in rows:
        assert set(row) == set(HEADER) and row["speakers"] == 8 and row["statements"] > 20
        assert row["same_side"] > 0.95 and row["unusual_again"] > 0.8
