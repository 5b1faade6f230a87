import json
import re

import pytest

from pixel.evaluation.items import Item
from pixel.evaluation.report.page import page, write_page
from pixel.evaluation.report.radar import CENTRE, RADIUS, point, radar
from pixel.evaluation.results import read_results, results_of, write_results
from pixel.evaluation.row import Row
from pixel.evaluation.runner import Outcome
from pixel.evaluation.store import Finished

MODEL = {"name": "<b>m</b>", "path": "outputs/m", "kind": "pixel", "fingerprint": "ab" * 32}


@pytest.fixture
def outcome():
    eq = [
        Row("eq", f"{domain}/seed", 0.5, "eq", n=9, low=0.1, high=0.8, majority=0.0, length=0.6, validated=False)
        for domain in (
            "emotional_awareness", "empathy_recognition", "emotional_regulation", "social_cognition",
            "interpersonal_skills",
        )
    ]  # fmt: skip
    good = Row("crisis", "auc", 0.9, "clinical", n=50, majority=0.5, length=0.6, validated=True)
    none = Row("readouts", "vad", None, "readouts", reason="1 labelled turn, 2 needed")
    finished = [
        Finished(
            "readouts", {}, 1.25, [none], [Item("r:1#0", "vad", 0.5, "r:1")], ["<i>remark</i>"], {"meld": (5, 2)}
        ),
        Finished("eq", {}, 2.0, [*eq, good]),
    ]
    return Outcome(finished, [{"task": "bias", "reason": "needs --data_root"}], [])


def test_results_hold_every_figure_and_can_be_read_back(outcome, tmp_path):
    results = results_of(outcome, MODEL, {"seed": 0, "limit": None})
    write_results(tmp_path, results, outcome)
    read = read_results(tmp_path)
    assert read["schema"] == 1 and read["seconds"] == 3.2 and read["data"] == {"meld": {"rows": 5, "left_out": 2}}
    assert [row["group"] for row in read["results"]] == ["eq"] * 5 + ["clinical", "readouts"]
    line = json.loads((tmp_path / "items" / "readouts.jsonl").read_text())
    assert line == {"id": "r:1#0", "metric": "vad", "value": 0.5, "group": "r:1"}


def test_items_of_a_task_that_is_no_longer_measured_go_away(outcome, tmp_path):
    write_results(tmp_path, results_of(outcome, MODEL, {}), outcome)
    outcome.finished.pop(0)
    write_results(tmp_path, results_of(outcome, MODEL, {}), outcome)
    assert [file.name for file in (tmp_path / "items").iterdir()] == ["eq.jsonl"]


def test_a_folder_without_results_says_so(tmp_path):
    with pytest.raises(ValueError, match="cannot be read.*Mend"):
        read_results(tmp_path)
    (tmp_path / "results.json").write_text('{"schema": 99}')
    with pytest.raises(ValueError, match="not an evaluation of schema 1"):
        read_results(tmp_path)


def test_the_page_stands_alone_and_marks_what_is_not_validated(outcome, tmp_path):
    text = write_page(tmp_path, results_of(outcome, MODEL, {"seed": 0})).read_text()
    assert "&lt;b&gt;m&lt;/b&gt;" in text and "&lt;i&gt;remark&lt;/i&gt;" in text
    assert not re.search(r'(src|href)="(?!#)', text) and "<script" not in text
    rows = re.findall(r'<tr><td>eq</td><td class="name">.*?</tr>', text, re.DOTALL)
    assert len(rows) == 5 and all("not validated against people" in row for row in rows)
    assert all('class="num worse">0.600' in row for row in rows)  # the length it does not beat
    assert "needs --data_root" in text and "1 labelled turn, 2 needed" in text and "6 rows claim" in text


def test_lower_is_better_where_a_row_says_so(outcome):
    calibration = Row("readouts", "ece", 0.1, "readouts", n=5, majority=0.3, higher_is_better=False)
    outcome.finished = [Finished("readouts", {}, 1.0, [calibration])]
    assert "worse" not in page(results_of(outcome, MODEL, {})).split("</style>")[1].split("coloured")[1]


def test_a_radar_has_its_first_axis_on_top_and_a_polygon_a_series():
    assert point(0, 5, 1.0) == pytest.approx((CENTRE[0], CENTRE[1] - RADIUS))
    assert point(1, 4, 0.5) == pytest.approx((CENTRE[0] + RADIUS / 2, CENTRE[1]))
    svg = radar(["a", "b", "c<"], {"one": [0.5, 2.0, 0.1], "two": [None, None, None], "dots": [0.2, 0.3, None]})
    assert svg.count("fill-opacity") == 1 and svg.count("<circle") == 5 and "c&lt;" in svg
    assert f"{point(1, 3, 1.0)[0]:.1f},{point(1, 3, 1.0)[1]:.1f}" in svg  # a value beyond the edge is drawn at it
    assert radar(["a", "b"], {"one": [1, 1]}) == ""
