"""Who gets what next, for how long, and never too often."""

import pytest

from pixel.review import ReviewDatabase, ReviewError
from tests.review.parts import GOOD, SECRET, rate, rows


def test_what_a_person_holds_comes_back_first(review):
    review.add_items(rows(3), overlap=3)
    first = review.next_item("ann")
    again = review.next_item("ann")
    assert (first.item_id, first.token) == (again.item_id, again.token)
    assert (first.position, first.total) == (1, 3)


def test_a_claim_survives_a_restart(review, clock):
    review.add_items(rows(2), overlap=1)
    first = review.next_item("ann")
    review.close()
    with ReviewDatabase(review.path, clock=clock) as again:
        assert again.next_item("ben").item_id != first.item_id
        assert again.next_item("ann").token == first.token
        again.submit("ann", first.item_id, first.token, GOOD)


def test_claims_count_against_the_overlap(review):
    review.add_items(rows(1), overlap=2)
    assert review.next_item("ann") is not None and review.next_item("ben") is not None
    assert review.next_item("cleo") is None
    assert rate(review, "ann") == "0"
    assert review.next_item("cleo") is None and review.next_item("ann") is None


def test_an_expired_seat_goes_to_somebody_else_and_the_late_rating_is_refused(review, clock):
    review.add_items(rows(1), overlap=1)
    late = review.next_item("ann")
    clock.now += 601
    assert rate(review, "ben") == "0"
    with pytest.raises(ReviewError, match="time for this item is over"):
        review.submit("ann", "0", late.token, GOOD)
    assert review.progress()["ratings"] == 1


def test_an_expired_claim_whose_seat_is_free_still_counts(review, clock):
    review.add_items(rows(1), overlap=1)
    late = review.next_item("ann")
    clock.now += 10_000
    assert review.submit("ann", "0", late.token, GOOD).item_id == "0"


def test_ones_own_speciality_comes_first_then_what_asks_for_none(review):
    review.add_reviewer("eve", SECRET, specialities=["Trauma"])
    made = rows(3)
    for row, area in zip(made, ("eating", None, "trauma"), strict=True):
        row["speciality"] = area
    review.add_items(made, overlap=2)
    assert [rate(review, "eve") for _ in range(4)] == ["2", "1", "0", None]


def test_items_that_are_begun_are_finished_first(review):
    review.add_items(rows(3), overlap=2)
    assert [rate(review, "ann") for _ in range(2)] == ["0", "1"]
    review.add_items([{"id": "few", "messages": rows(1)[0]["messages"]}], overlap=1)
    assert rate(review, "ben") == "0"


def test_a_skipped_item_is_free_for_others_and_not_offered_again(review):
    review.add_items(rows(1), overlap=1)
    given = review.next_item("ann")
    review.skip("ann", "0", given.token, "I know this person")
    assert review.next_item("ann") is None and review.next_item("ben").item_id == "0"
    with pytest.raises(ReviewError, match="not held by you"):
        review.skip("ann", "0", given.token)


def test_nobody_rates_what_was_not_given_to_them(review):
    review.add_items(rows(2), overlap=1)
    given = review.next_item("ann")
    for name, item, token in (
        ("ben", "0", given.token), ("ann", "1", given.token), ("ann", "0", "forged"), ("ann", "0", None),
        ("ben", "1", ""), ("ann", "0", "é"),
    ):  # fmt: skip
        with pytest.raises(ReviewError, match="not held by you"):
            review.submit(name, item, token, GOOD)
    for item in ("2", "", None, 0, "0' OR '1'='1", "0\0", "<script>"):
        with pytest.raises(ReviewError, match="no such item"):
            review.submit("ann", item, given.token, GOOD)
    assert review.progress()["ratings"] == 0
