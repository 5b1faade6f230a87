"""What several ratings come to, who decides where people are apart, and how far they agree."""

import json

import pytest

from pixel.review import ReviewError, load_rubric
from pixel.review.agreement import agreement
from pixel.review.consensus import consensus, differing
from tests.review.parts import GOOD, rate, rows

RUBRIC = load_rubric("conversation")


def said(**values):
    return {"ratings": GOOD | values, "missing_context": False}


def test_the_middle_counts_and_not_the_mean():
    found = consensus(RUBRIC, [said(empathy=1), said(empathy=4), said(empathy=5)])["dimensions"]["empathy"]
    assert found == {"value": 4, "low": 1, "high": 5, "n": 3, "how": "median"}


def test_one_person_who_sees_a_danger_is_not_outvoted():
    found = consensus(RUBRIC, [said(safety=4), said(safety=4), said(safety=1)])
    assert found["veto"] and found["dimensions"]["safety"]["value"] == 1
    assert not consensus(RUBRIC, [said(safety=2), said(safety=2)])["veto"]


def test_unsure_counts_for_nothing():
    found = consensus(RUBRIC, [said(empathy=None), said(empathy=2)])["dimensions"]["empathy"]
    assert (found["value"], found["n"]) == (2, 1)
    nobody = consensus(RUBRIC, [said(empathy=None)])["dimensions"]["empathy"]
    assert (nobody["value"], nobody["n"]) == (None, 0)


def test_an_adjudicator_stands_above_and_a_lifted_veto_is_told():
    found = consensus(RUBRIC, [said(safety=1), said(safety=3)], {"ratings": GOOD | {"empathy": 5, "safety": 3}})
    assert found["dimensions"]["empathy"] == {"value": 5, "low": 3, "high": 3, "n": 2, "how": "adjudicated"}
    assert not found["veto"] and found["veto_lifted"] and found["adjudicated"]
    upheld = consensus(RUBRIC, [said(safety=1), said(safety=3)], {"ratings": GOOD | {"safety": 1}})
    assert upheld["veto"] and not upheld["veto_lifted"]


def test_two_steps_or_a_veto_apart_is_a_disagreement():
    assert differing(RUBRIC, [said(empathy=2), said(empathy=3)]) == []
    assert differing(RUBRIC, [said(empathy=2), said(empathy=4)]) == ["empathy"]
    assert differing(RUBRIC, [said(safety=1), said(safety=2)]) == ["safety"]
    assert differing(RUBRIC, [said(empathy=1), said(empathy=None)]) == []


def test_alpha_of_krippendorffs_own_example():
    # Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011, example C: twelve units, four observers, five
    # values, missing data; he gives .815 for ordinal data.
    observers = {
        "a": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        "b": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        "c": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        "d": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    }
    items = [{who: values[unit] for who, values in observers.items()} for unit in range(12)]
    found = agreement(items)
    assert found["alpha"] == pytest.approx(0.815, abs=5e-4)
    assert found["n"] == 11 and found["raters"] == 4 and found["reason"] is None
    assert found["low"] < found["alpha"] < found["high"] <= 1.0


def test_constant_ratings_have_no_alpha_and_it_is_said_why():
    found = agreement([{"a": 3, "b": 3}] * 5)
    assert found["alpha"] is None and found["low"] is None and "are the same" in found["reason"] and found["n"] == 5
    assert "no item has two ratings" in agreement([{"a": 3}, {"a": 1, "b": None}])["reason"]


def test_full_agreement_is_one_and_reversal_is_below_chance():
    assert agreement([{"a": v, "b": v} for v in (1, 2, 3, 2)])["alpha"] == pytest.approx(1.0)
    assert agreement([{"a": v, "b": 4 - v} for v in (1, 3, 1, 3)])["alpha"] < 0


def test_the_database_tells_agreement_of_each_question(review):
    review.add_items(rows(4), overlap=2)
    for empathy in (1, 2, 4, 5):
        rate(review, "ann", empathy=empathy)
        rate(review, "ben", empathy=empathy)
    found = review.agreement(resamples=20)
    assert list(found) == list(RUBRIC.ids)
    assert found["empathy"]["alpha"] == pytest.approx(1.0) and found["safety"]["alpha"] is None


def test_what_people_differ_on_is_put_before_an_adjudicator_without_names(review):
    review.add_items(rows(3), overlap=2)
    for empathy in (1, 3, 3):
        rate(review, "ann", empathy=empathy)
    rate(review, "ben", empathy=5)
    rate(review, "ben", empathy=4)
    (open_one,) = review.open_disagreements("judge")
    assert (open_one["item_id"], open_one["dimensions"]) == ("0", ["empathy"])
    assert [one["reviewer"] for one in open_one["ratings"]] == ["R01", "R02"] and "'ann'" not in str(open_one)
    receipt = review.adjudicate("judge", "0", GOOD, "they read it differently")
    assert review.adjudicate("judge", "0", GOOD, "they read it differently") == receipt
    assert review.open_disagreements("judge") == []
    assert review.consensus("0")["dimensions"]["empathy"]["how"] == "adjudicated"
    with pytest.raises(ReviewError, match="decided"):
        review.adjudicate("root", "0", GOOD)


def test_only_those_who_may_decide_and_have_not_rated_decide(review):
    review.add_items(rows(1), overlap=2)
    rate(review, "ann", empathy=1)
    with pytest.raises(ReviewError, match="fewer than two"):
        review.adjudicate("judge", "0", GOOD)
    rate(review, "judge", empathy=5)
    with pytest.raises(ReviewError, match="for adjudicators"):
        review.open_disagreements("ann")
    with pytest.raises(ReviewError, match="for adjudicators"):
        review.adjudicate("ann", "0", GOOD)
    assert review.open_disagreements("judge") == [] and len(review.open_disagreements("root")) == 1
    with pytest.raises(ReviewError, match="one of this item's raters"):
        review.adjudicate("judge", "0", GOOD)


def test_progress_counts_what_there_is(review):
    review.add_items(rows(2), overlap=2)
    rate(review, "ann", empathy=1)
    rate(review, "ben", empathy=5)
    given = review.next_item("cleo")
    review.submit("cleo", given.item_id, given.token, GOOD, missing_context=True)
    review.next_item("ann")
    said = review.progress()
    people = said.pop("reviewers")
    assert said == {
        "items": 2, "finished": 1, "ratings": 3, "wanted": 4, "adjudicated": 0, "disagreements": 1,
        "missing_context": 1, "live_claims": 1,
    }  # fmt: skip
    assert [(one["pseudonym"], one["rated"], one["open_claims"]) for one in people][:3] == [
        ("R01", 1, 1), ("R02", 1, 0), ("R03", 1, 0),
    ]  # fmt: skip
    assert review.progress("ann") == {"rated": 1, "skipped": 0, "open": 1, "total": 2}
    assert review.progress("ben") == {"rated": 1, "skipped": 0, "open": 0, "total": 1}


def test_values_of_a_scale_that_was_changed_are_not_put_together(review, tmp_path):
    scale = [{"value": value, "label": "x", "anchor": "x"} for value in (1, 2, 3)]
    made = {"name": "mine", "title": "Mine", "dimensions": [{"id": "warmth", "name": "W", "question": "?"}]}
    for number, values in enumerate((scale, scale[:2])):
        made["dimensions"][0]["scale"] = values
        (tmp_path / "mine.yaml").write_text(json.dumps(made))  # JSON is YAML
        review.add_items([rows(1)[0] | {"id": f"{number}"}], rubric=tmp_path / "mine.yaml", overlap=2)
    for name in ("ann", "ben"):
        while (given := review.next_item(name)) is not None:
            review.submit(name, given.item_id, given.token, {"warmth": 1 if name == "ann" else 2})
    found = review.agreement(resamples=0)
    assert {key: one["n"] for key, one in found.items()} == {"mine.warmth (1, 2, 3)": 1, "mine.warmth (1, 2)": 1}
