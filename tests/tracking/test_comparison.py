"""Runs side by side."""

import math

import pytest

from pixel.tracking.comparison import compare_runs, differing, verdict
from pixel.tracking.registry import read_run
from tests.tracking.run_folders import run_folder


def figure(value, low=None, high=None):
    return {"value": value, "low": low, "high": high}


@pytest.mark.parametrize(
    ("name", "first", "other", "expected"),
    [
        ("seed/risk/auc", figure(0.8, 0.7, 0.9), figure(0.71), ""),
        ("seed/risk/auc", figure(0.8, 0.7, 0.9), figure(0.69), "worse"),
        ("seed/risk/auc", figure(0.8, 0.7, 0.9), figure(0.91), "better"),
        ("seed/risk/ece_at_least_1", figure(0.1, 0.05, 0.15), figure(0.2), "worse"),
        ("held out/relative_loss", figure(0.8), figure(0.81), "worse"),
        ("held out/relative_loss", figure(0.8), figure(0.7), "better"),
        ("held out/relative_loss", figure(0.8), figure(math.nan), "worse"),
        ("held out/relative_loss", figure(math.nan), figure(0.8), ""),
        ("seed/risk/auc", None, figure(0.8), ""),
        ("seed/risk/auc", figure(0.8, 0.7, 0.9), None, ""),
    ],
)
def test_worse_is_outside_the_interval_on_the_worse_side(name, first, other, expected):
    assert verdict(name, first, other) == expected


def test_a_difference_below_the_least_that_counts_is_none():
    assert verdict("held out/loss", figure(1.0), figure(1.05), least=0.1) == ""
    assert verdict("held out/loss", figure(1.0), figure(1.2), least=0.1) == "worse"


def test_what_differs_is_named_and_what_is_alike_is_not(tmp_path):
    runs = [
        read_run(run_folder(tmp_path / "a")),
        read_run(run_folder(tmp_path / "b", rate=0.2, auc=0.5, data="bb", loss=0.5)),
    ]
    said = compare_runs(runs)
    assert said["settings"] == {"training.learning_rate": [0.1, 0.2]}  # and not where each was written
    assert said["data"] == {"seed.hash": ["aa", "bb"]} and said["code"] == {}
    assert said["regressed"] == ["seed/risk/auc"]
    row = next(row for row in said["figures"] if row["name"] == "seed/risk/auc")
    assert row["values"] == [0.8, 0.5] and row["intervals"][0] == [0.7, 0.9] and row["verdicts"] == ["worse"]
    assert next(row for row in said["figures"] if row["name"] == "training/loss")["verdicts"] == ["better"]


def test_settings_one_run_does_not_have_differ():
    assert differing([{"a": 1, "b": {"c": 2}}, {"a": 1}]) == {"b.c": [2, None]}
    assert differing([]) == {}
