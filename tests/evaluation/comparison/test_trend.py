"""Levels and jumps over versions, differing settings, alerts."""

import json
import sys
from pathlib import Path

import pytest

from pixel.evaluation.comparison.configuration import ABSENT, differing
from pixel.evaluation.comparison.trend import Trend, jumps, trend_of
from pixel.evaluation.comparison.version import Version
from pixel.evaluation.comparison.versions import compare_versions
from pixel.evaluation.comparison.warning import send_alerts
from pixel.monitoring.alerts import Alerts

pytest.importorskip("ruptures")
KEY = ("eq", "score")
FALL = [0.71, 0.70, 0.72, 0.71, 0.55, 0.56, 0.54, 0.55]


def series(values: list[float], half_width: float | None = 0.02, **more) -> list[Version]:
    ends = [(None, None) if half_width is None else (v - half_width, v + half_width) for v in values]
    return [
        Version(f"v{i}", Path(), {}, {KEY: {"value": v, "low": a, "high": b, "higher_is_better": True} | more}, {})
        for i, (v, (a, b)) in enumerate(zip(values, ends, strict=True))
    ]


@pytest.mark.parametrize("half_width", [0.02, None])
def test_a_fall_is_found_where_it_happened(half_width):
    trend = trend_of(series(FALL, half_width), KEY)
    assert [(jump["at"], jump["worse"]) for jump in trend.change_points] == [("v4", True)]
    assert trend.change_points[0]["before"] == pytest.approx(0.71)
    assert trend.change_points[0]["after"] == pytest.approx(0.55)


def test_the_same_fall_is_welcome_where_less_is_better():
    assert trend_of(series(FALL, higher_is_better=False), KEY).change_points[0]["worse"] is False


def test_a_fall_within_the_noise_is_none():
    assert trend_of(series(FALL, 0.4), KEY).change_points == []


def test_a_steady_rise_has_tau_one():
    trend = trend_of(series([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), KEY)
    assert trend.tau == pytest.approx(1.0) and trend.p == pytest.approx(2 / 720)  # two of 6! orders are as extreme


def test_a_steady_way_down_is_a_slope_and_no_jump():
    trend = trend_of(series([0.8, 0.74, 0.7, 0.64, 0.6, 0.55, 0.5, 0.44]), KEY)
    assert trend.change_points == [] and trend.slope["worse"]
    assert trend.slope["per_version"] == pytest.approx(-0.05, abs=0.002)
    assert trend_of(series(FALL), KEY).slope is None


def test_few_versions_say_so():
    trend = trend_of(series(FALL[:5]), KEY)
    assert trend.reason == "too few: 5 versions have a value, 6 needed" and trend.tau is None


def test_versions_without_a_value_are_passed_over():
    versions = series(FALL)
    versions[2].rows[KEY]["value"] = None
    assert trend_of(versions, KEY).versions == ["v0", "v1", "v3", "v4", "v5", "v6", "v7"]


def test_the_penalty_is_what_a_jump_must_save():
    """Means 0 and 1, three values each: one level costs 6 x .25 = 1.5, two cost 0."""
    values = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    assert jumps(values, 1.6) == []
    assert jumps(values, 1.4) == [(3, 0.0, 1.0)]


def test_without_ruptures_the_rest_of_the_trend_stands(monkeypatch):
    monkeypatch.setitem(sys.modules, "ruptures", None)
    trend = trend_of(series(FALL), KEY)
    assert "pip install" in trend.reason and trend.tau < 0 and trend.change_points == []


# ── settings ──


def version(name: str, folder: Path, settings: dict, config: dict | None) -> Version:
    folder.mkdir()
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "metrics.json").write_text(json.dumps({"steps": 10, "train_loss_last": len(name)}))
    return Version(name, folder, {"settings": settings, "model": {"kind": "pixel", "path": str(folder)}}, {}, {})


def test_only_what_differs_is_shown(tmp_path):
    one = version("a", tmp_path / "a", {"seed": 0, "limit": 5}, {"text_config": {"layers": 4}, "fields": ["x"]})
    two = version("bb", tmp_path / "b", {"seed": 0}, {"text_config": {"layers": 6}, "fields": ["x"]})
    found = differing([one, two])
    assert found["different"] == {"config.text_config.layers": [4, 6], "evaluation.limit": [5, ABSENT]}
    assert found["unread"] == []


def test_a_model_that_is_not_here_is_named(tmp_path):
    one = version("a", tmp_path / "a", {}, {"layers": 1})
    two = Version("gone", tmp_path, {"model": {"kind": "pixel", "path": str(tmp_path / "no")}}, {}, {})
    assert differing([one, two])["unread"] == ["gone"]


# ── alerts ──


def test_a_flagged_loss_and_a_jump_for_the_worse_are_told_and_gains_are_not():
    lower = {str(i): (0.0, None) for i in range(40)}
    higher = {str(i): (1.0, None) for i in range(40)}
    row = {"value": None, "higher_is_better": True}
    good = Version("old", Path(), {}, {KEY: row, ("b", "m"): row}, {KEY: higher, ("b", "m"): lower})
    bad = Version("new", Path(), {}, {KEY: row, ("b", "m"): row}, {KEY: lower, ("b", "m"): higher})
    others = [Version(f"v{number}", Path(), {}, {}, {}) for number in range(2, 6)]
    jump = {"at": "v4", "index": 2, "before": 0.7, "after": 0.5}  # two versions before it lack this metric
    trends = [
        Trend(*KEY, True, ["old", "v3", "v4", "v5"], [], change_points=[jump | {"worse": True}]),
        Trend("b", "m", True, ["old", "v3", "v4", "v5"], [], change_points=[jump | {"worse": False}]),
        Trend("c", "m", True, ["old", "v5"], [0.9, 0.7], slope={"per_version": -0.2, "worse": True}),
    ]
    alerts = Alerts()
    send_alerts(compare_versions(good, [bad, *others]), trends, alerts)
    assert [(a.kind, a.severity, a.step) for a in alerts.sent] == [
        ("evaluation_regression", "error", 1),
        ("evaluation_jump", "warning", 4),
        ("evaluation_slope", "warning", 5),
    ]
    assert alerts.sent[0].values["difference"] == -1.0 and "eq score" in alerts.sent[0].message
