"""Each person's word on an item: once, checked, with a receipt, open to correction until somebody has decided."""

import json

import pytest

from pixel.review import ReviewError
from tests.review.parts import GOOD, rate, rows


def held(review, name="ann"):
    review.add_items(rows(1), overlap=3)
    return review.next_item(name)


def test_the_same_call_again_returns_the_same_receipt(review):
    given = held(review)
    first = review.submit("ann", "0", given.token, GOOD, comment="good ")
    assert review.submit("ann", "0", given.token, GOOD, comment="good") == first
    assert review.progress()["ratings"] == 1 and first.number == review.verify()
    with pytest.raises(ReviewError, match="rated this item already"):
        review.submit("ann", "0", given.token, GOOD | {"empathy": 1})


def test_the_receipt_is_an_event_that_is_in_the_journal(review):
    given = held(review)
    receipt = review.submit("ann", "0", given.token, GOOD)
    last = json.loads(review.path.with_suffix(".journal").joinpath("events.jsonl").read_text().splitlines()[-1])
    assert (last["number"], last["hash"], last["kind"], last["who"]) == (receipt.number, receipt.hash, "rated", "ann")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"empathy": 6}, "empathy: the value is not on the scale"),
        ({"empathy": 0}, "empathy"),
        ({"empathy": "4"}, "empathy"),
        ({"empathy": 4.0}, "empathy"),
        ({"empathy": True}, "empathy"),
        ({"safety": None}, "safety: unsure is not possible"),
        ({"kindness": 3}, "not in the rubric"),
    ],
)
def test_a_value_that_cannot_be_is_named_and_nothing_is_kept(review, change, says):
    given = held(review)
    with pytest.raises(ReviewError, match=says):
        review.submit("ann", "0", given.token, GOOD | change)
    with pytest.raises(ReviewError, match="not answered"):
        review.submit("ann", "0", given.token, {"safety": 3})
    assert review.progress()["ratings"] == 0


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"comment": "x" * 10_001}, "10000 at most"),
        ({"comment": "a\0b"}, "comment: holds a character"),
        ({"comment": "\ud800"}, "comment: holds a character"),
        ({"comment": 7}, "comment: is no text"),
        ({"missing_context": "yes"}, "missing_context"),
        ({"edits": {0: "I am the user"}}, "message 0 is no reply"),
        ({"edits": {1: " "}}, "would be empty"),
        ({"edits": {2: "more"}}, "no such message"),
        ({"edits": {-1: "more"}}, "no such message"),
        ({"edits": {"1; DROP": "more"}}, "no such message"),
        ({"edits": ["more"]}, "edits"),
    ],
)
def test_words_that_cannot_be_are_named_and_not_repeated(review, more, says):
    given = held(review)
    with pytest.raises(ReviewError, match=says) as error:
        review.submit("ann", "0", given.token, GOOD, **more)
    assert len(str(error.value)) < 200 and "DROP" not in str(error.value)


def test_words_come_back_as_they_were_written(review):
    given, words = held(review), '<script>alert(1)</script> \'; DROP TABLE ratings; -- 🙂 ünï\r\n"quoted"'
    review.submit("ann", "0", given.token, GOOD | {"empathy": None}, comment=words, edits={1: words})
    (own,) = review.own_ratings("ann")
    assert (own.comment, own.edits, own.ratings["empathy"], own.open) == (words, {1: words}, None, True)
    assert review.own_ratings("ben") == []


def test_an_edit_that_changes_nothing_is_none(review):
    given = held(review)
    review.submit("ann", "0", given.token, GOOD, edits={"1": "I see. "})
    assert review.own_ratings("ann")[0].edits == {}


def test_a_rating_may_be_revised_and_the_earlier_one_stays_in_the_trail(review):
    given = held(review)
    first = review.submit("ann", "0", given.token, GOOD)
    second = review.revise("ann", "0", GOOD | {"empathy": 1}, comment="on reflection")
    assert (first.revision, second.revision) == (0, 1) and second.number == first.number + 1
    assert review.own_ratings("ann")[0].ratings["empathy"] == 1 and review.progress()["ratings"] == 1
    assert [one["kind"] for one in review.audit(2)] == ["revised", "rated"]
    with pytest.raises(ReviewError, match="have not rated"):
        review.revise("ben", "0", GOOD)


def test_after_a_decision_nothing_is_revised(review):
    review.add_items(rows(1), overlap=2)
    rate(review, "ann", empathy=1)
    rate(review, "ben", empathy=5)
    review.adjudicate("judge", "0", GOOD)
    with pytest.raises(ReviewError, match="was decided"):
        review.revise("ann", "0", GOOD)
    assert not review.own_ratings("ann")[0].open


def test_the_audit_trail_holds_no_words(review):
    given = held(review)
    review.submit("ann", "0", given.token, GOOD, comment="words of mine", edits={1: "other words"})
    shown = json.dumps(review.audit())
    assert "words" not in shown and "Day 0" not in shown and "scrypt" not in shown
