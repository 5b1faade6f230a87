"""The page of several runs: one file, every curve in its run's colour."""

import re

from pixel.tracking.comparison import compare_runs
from pixel.tracking.page import charts, write_page
from pixel.tracking.registry import Run, read_run
from tests.tracking.run_folders import run_folder


def test_curves_of_one_name_share_their_axes():
    one = Run(None, "one", history=[{"loss": 0.0, "step": 0}, {"loss": 10.0, "step": 10}])
    two = Run(None, "two", history=[{"loss": 5.0, "step": 5}])
    drawn = charts([one, two])["Losses"][0]
    assert (drawn["low"], drawn["high"], drawn["first"], drawn["last"]) == (0.0, 10.0, 0, 10)
    assert drawn["lines"][0]["parts"] == ["0.0,95.0 300.0,5.0"]
    assert drawn["lines"][1]["parts"] == ["150.0,50.0 150.0,50.0"]
    assert drawn["lines"][0]["colour"] != drawn["lines"][1]["colour"]


def test_a_value_that_is_not_finite_is_a_gap():
    history = [{"loss": value, "step": step} for step, value in enumerate([1.0, 2.0, float("nan"), 4.0])]
    parts = charts([Run(None, "one", history=history)])["Losses"][0]["lines"][0]["parts"]
    assert len(parts) == 2 and charts([Run(None, "none", history=[{"loss": float("inf"), "step": 1}])]) == {}


def test_the_page_needs_nothing_from_elsewhere_and_escapes_what_it_shows(tmp_path):
    runs = [read_run(run_folder(tmp_path / "a")), read_run(run_folder(tmp_path / "b", auc=0.5))]
    runs[1].lineage["config"]["training"]["note"] = "<script>alert(1)</script>"
    said = compare_runs(runs)
    html = write_page(tmp_path / "page.html", runs, said, "a beside b").read_text()
    assert not re.search(r'(src|href)="|https?://', html) and "<script" not in html
    assert html.count("<polyline") == sum(len(c["lines"]) for drawn in charts(runs).values() for c in drawn)
    assert "&lt;script&gt;" in html and 'class="worse"' in html and "seed/risk/auc" in html
