"""Hundreds of things happen in any order: seats are never too many, and the journal tells the same story."""

import random

import pytest

from pixel.review import ReviewDatabase, ReviewError
from tests.review.parts import GOOD, SECRET, Clock, rows

PEOPLE = [f"r{n}" for n in range(6)]


def happen(review, clock, draw, held):
    """One thing; `held` remembers every assignment ever given, expired ones too."""
    name = draw.choice(PEOPLE)
    what = draw.choices(["next", "submit", "skip", "revise", "decide", "wait", "close"], [8, 8, 1, 1, 1, 2, 0.1])[0]
    said = GOOD | {"empathy": draw.randint(1, 5), "safety": draw.randint(1, 4)}
    if what == "wait":
        clock.now += draw.choice([1, 200, 700])
    elif what == "next":
        if (given := review.next_item(name)) is not None:
            held.append((name, given.item_id, given.token))
    elif what == "decide":
        if waiting := review.open_disagreements("judge"):
            review.adjudicate("judge", waiting[0]["item_id"], said)
    elif what == "close":
        review.deactivate(name)
    elif held:
        whose, item, token = draw.choice(held[-20:])
        if what == "submit":
            review.submit(whose, item, token, said)
        elif what == "skip":
            review.skip(whose, item, token)
        else:
            review.revise(whose, item, said)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_no_seat_is_taken_twice_and_nothing_is_lost(tmp_path, seed):
    draw, clock, held, done = random.Random(seed), Clock(), [], 0
    with ReviewDatabase(tmp_path / "r.db", clock=clock, claim_seconds=600) as review:
        review.add_items([row | {"speciality": draw.choice([None, "grief"])} for row in rows(9)], overlap=2)
        review.add_reviewer("judge", SECRET, "adjudicator")
        for n, name in enumerate(PEOPLE):
            review.add_reviewer(name, SECRET, specialities=["grief"] * (n % 2))
        for _ in range(150):
            try:
                happen(review, clock, draw, held)
                done += 1
            except ReviewError:
                pass
            seats = review._rows(
                """SELECT i.overlap - (SELECT COUNT(*) FROM ratings r WHERE r.item = i.id)
                - (SELECT COUNT(*) FROM claims c WHERE c.item = i.id AND c.expires > ?) FROM items i""",
                clock.now,
            )
            assert min(left for (left,) in seats) >= 0
        counted = "SELECT COUNT(*) FROM items i WHERE rated <> (SELECT COUNT(*) FROM ratings r WHERE r.item = i.id)"
        assert review._row(counted) == (0,)
        assert done > 60 and review.progress()["ratings"] > 8
        tables = ("events", "reviewers", "items", "skips", "ratings", "adjudications")
        before = [review._rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]
    (tmp_path / "r.db").unlink()
    with ReviewDatabase(tmp_path / "r.db", clock=clock) as again:
        assert [again._rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables] == before
