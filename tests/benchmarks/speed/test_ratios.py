"""Ratios of rounds."""

import pytest

from pixel.benchmarks.speed.ratios import median_ratio


def test_the_ratio_is_the_median_of_those_of_each_round():
    found = median_ratio([2.0, 9.0, 4.0], [1.0, 3.0, 4.0])  # 2, 3, 1
    assert found["median"] == 2.0 and found["rounds"] == 3
    assert found["interval"][0] == 1.0 and found["interval"][1] == 3.0


def test_equal_rounds_leave_no_doubt():
    assert median_ratio([2.0] * 5, [4.0] * 5)["interval"] == [0.5, 0.5]


def test_rounds_must_pair():
    with pytest.raises(ValueError):
        median_ratio([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="no rounds"):
        median_ratio([], [])
