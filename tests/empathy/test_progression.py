"""Series over versions: jumps, falls, stages."""

import numpy as np
import pytest

from pixel.empathy.progression import Point, anomalies, figure_points, points_of_results
from pixel.empathy.stages import share_at_least, stage_of_replies, usual_stage


def _series(values, half=None):
    return [
        Point(step, "warmth", value, None if half is None else value - half, None if half is None else value + half)
        for step, value in enumerate(values, 1)
    ]


def test_a_steady_climb_has_no_anomaly():
    climb = [0.1, 0.14, 0.2, 0.25, 0.29, 0.35, 0.4]
    assert not any(anomalies(_series(climb)))


def test_a_planted_jump_is_told_where_it_is_and_its_return_is_not():
    values = [0.1, 0.12, 0.135, 0.15, 0.9, 0.16, 0.185, 0.2]
    assert np.flatnonzero(anomalies(_series(values))).tolist() == [4]


def test_a_fall_that_the_intervals_exclude_is_told_even_in_a_short_series():
    assert anomalies(_series([0.5, 0.3], half=0.05)) == [False, True]
    assert anomalies(_series([0.5, 0.3], half=0.2)) == [False, False]
    assert anomalies(_series([0.3, 0.5], half=0.05)) == [False, False]  # a rise is no alarm


def _row(metric, value, task="empathy_progression"):
    return {"task": task, "metric": metric, "value": value, "low": None, "high": None}


def test_files_are_versions_and_rows_with_a_step_are_checkpoints():
    first = {"results": [_row("warmth", 0.1), _row("other", 0.5, "eq"), _row("gone", None)]}
    second = {"results": [_row("warmth/step_100", 0.2), _row("warmth/step_200", 0.3), _row("warmth", 0.4)]}
    points = points_of_results([first, second])
    assert [(point.step, point.value) for point in points] == [(1, 0.1), (101, 0.2), (201, 0.3), (202, 0.4)]


def test_figure_data_is_sorted_and_has_the_keys_of_the_dashboard():
    points = figure_points([Point(2, "b", 1.0), Point(1, "b", 0.5), Point(1, "a", 0.1)])
    assert [(point["dimension"], point["step"]) for point in points] == [("a", 1), ("b", 1), ("b", 2)]
    assert set(points[0]) == {"step", "dimension", "value", "low", "high", "anomaly"}
    with pytest.raises(ValueError, match="a step twice"):
        figure_points([Point(1, "a", 0.1), Point(1, "a", 0.2)])


def test_the_stage_is_the_highest_that_a_reply_shows():
    # columns: emotional reactions, interpretations, explorations
    present = np.array([[0, 0, 0], [0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 1]], bool)
    stages = stage_of_replies(present, np.array([False, True, False, True, False]))
    assert stages.tolist() == [0, 1, 2, 3, 4]
    assert share_at_least(stages)["understanding"] == pytest.approx(0.4)
    assert usual_stage(stages) == "resonance"  # three of five reach it, two the next
    assert usual_stage(np.empty(0, int)) is None
