"""What a report says of a run, and of what changed since the one before."""

import json

from pixel.tracking.panels import series_of
from pixel.training.report import changes, read_report, write_report

ROW = {"objective": "clinical", "field": "risk", "source": "cssrs", "metric": "auc_1", "value": 0.9, "low": 0.85,
       "high": 0.94, "n": 102, "majority": 0.5, "baseline": None, "published": None, "reason": None}  # fmt: skip


def data(**more) -> dict:
    history = [{"step": step, "loss": 3.0 - step, "loss_weight/eq": 1.5} for step in (1, 2)]
    return {
        "title": "Pixel: x", "subtitle": "two steps", "results": [ROW], "changes": [], "history": series_of(history),
        "weighting": "upgrad", "loss_schedule": "dwa", "conflict": 0.25, "curriculum": None, "alerts": [],
        "balance": [{"name": "eq", "loss_weight": 1.5, "weight": 1.1, "norm": 0.2}], "watchers": {}, "resources": {},
        "data": [], "seed": False,
    } | more  # fmt: skip


def test_what_moved_since_the_run_before():
    now = [ROW | {"value": 0.95}, ROW | {"metric": "auc_4", "value": 0.8}]
    assert changes(now, None) == []
    moved = changes(now, {"results": [ROW, ROW | {"metric": "auc_4", "value": 0.79, "low": 0.7}]})
    assert [(row["metric"], row["was"], row["is"], row["beyond"]) for row in moved] == [
        ("auc_1", 0.9, 0.95, True),
        ("auc_4", 0.79, 0.8, False),
    ]
    assert changes([ROW], {"results": [ROW]}) == []
    assert changes([ROW | {"value": None}], {"results": [ROW]}) == []


def test_the_page_shows_alerts_changes_curves_and_what_was_watched(tmp_path):
    alert = {"kind": "loss_spike", "severity": "error", "step": 7, "message": "loss 9 <b>", "values": {}}
    change = {"field": "risk", "source": "cssrs", "metric": "auc_1", "was": 0.9, "is": 0.95, "beyond": True}
    group = {"depressive": {"rows": 10, "seen": 0.5}}
    now = {"curriculum/stage": 1.0, "curriculum/competence": 0.4, "curriculum/admitted": 0.4}
    said = data(
        alerts=[alert], changes=[change], watchers={"persona": {"switch_f1": 0.4}, "idle": None},
        curriculum={"now": now, "groups": group}, resources={"peak_memory_gib": 1.5},
    )  # fmt: skip
    page = write_report(tmp_path / "report.html", said).read_text()
    for part in ("loss_spike", "outside the earlier interval", "switch_f1", "depressive", "Stage 2", "peak_memory_gib",
                 "<polyline", "dwa", "0.900"):  # fmt: skip
        assert part in page, part
    assert "loss 9 &lt;b&gt;" in page and "Watched: idle" not in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_the_numbers_stand_beside_the_page_and_can_be_read_again(tmp_path):
    write_report(tmp_path / "report.html", data())
    assert read_report(tmp_path)["results"] == [ROW]
    assert json.loads((tmp_path / "report.json").read_text())["balance"][0]["loss_weight"] == 1.5


def test_a_damaged_or_missing_report_is_no_report(tmp_path):
    assert read_report(tmp_path) is None
    (tmp_path / "report.json").write_text("{")
    assert read_report(tmp_path) is None


def test_the_page_says_where_the_time_went_and_what_held_the_run_up(tmp_path):
    held = {"kind": "data_bound", "share": 0.4, "last": "40% of the time waits for data. Mend: workers"}
    spread = {"memory_bytes": {"min": 1.0, "mean": 2.0, "max": 3.0, "rank": 1}}
    watched = {"seconds": {"forward": 30.0, "data": 10.0}, "held_up_by": [held], "ranks": spread, "cost_seconds": 0.1}
    page = write_report(tmp_path / "report.html", data(watchers={"resources": watched})).read_text()
    for part in ("Where the time went", "75.0%", "25.0%", "data_bound, about 40%", "Mend: workers", "memory_bytes"):
        assert part in page, part
    assert "Watched: resources" not in page
    assert "Where the time went" not in write_report(tmp_path / "plain.html", data()).read_text()
