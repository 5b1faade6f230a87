"""What the pages say of an evaluation."""

import pytest

gradio = pytest.importorskip("gradio")

from dashboard_pages.conversation import line  # noqa: E402
from dashboard_pages.empathy import points  # noqa: E402
from dashboard_pages.overview import NOT_VALIDATED, eq_values, table  # noqa: E402
from dashboard_pages.parts import known, number  # noqa: E402


def row(**more):
    return {"task": "eq", "group": "eq", "metric": "m", "value": 0.5, "low": 0.4, "high": 0.6, "n": 9} | more


def test_what_was_not_validated_says_so_and_what_was_not_measured_says_why():
    results = {
        "results": [row(validated=False), row(value=None, low=None, high=None, reason="one labelled turn"), row()],
        "skipped": [{"task": "judged", "reason": "one judge is not enough"}],
    }
    notes = [cells[-1] for cells in table("v1", results)]
    assert notes == [NOT_VALIDATED, "one labelled turn", "", "not run: one judge is not enough"]
    assert {len(cells) for cells in table("v1", results)} == {11}


def test_an_eq_domain_without_a_value_stays_without_one():
    results = {"results": [row(metric="level_emotional_awareness"), row(metric="level_social_cognition", value=None)]}
    found = eq_values(results)
    assert found["emotional_awareness"] == 0.5 and found["social_cognition"] is None


def test_one_version_out_of_six_stands_out():
    values = [0.30, 0.31, 0.29, 0.30, 0.32, 0.90]
    results = {
        f"v{n}": {"results": [row(group="empathy", value=v), row(group="readouts")]} for n, v in enumerate(values)
    }
    found = points(results)
    assert [point["anomaly"] for point in found] == [False] * 5 + [True]
    assert [point["step"] for point in found] == list(results)


def test_a_turn_is_shown_by_what_was_read_and_not_by_its_words():
    turn = {"index": 0, "role": "user", "content": "a secret", "emotion": {"labels": {"fear": 0.9, "joy": 0.1}},
            "risk": {"severity": [0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]}}  # fmt: skip
    cells = line(turn)
    assert "secret" not in " ".join(cells)
    assert cells[:3] == ["1", "user", "fear 0.90, joy 0.10"] and cells[5:7] == ["0.600", "0.300"]


def test_a_choice_that_is_not_there_is_dropped():
    assert known(["b", "../etc", "a"], ["a", "b", "c"]) == ["a", "b"]
    assert known("a", ["a"]) == ["a"] and known(None, ["a"]) == []


def test_a_missing_figure_is_a_dash_and_no_zero():
    assert (number(None), number(0.0), number(3)) == ("–", "0.000", "3")
