"""A review with people in it, cheap passwords, and a clock that stands still until told otherwise."""

import pytest

from pixel.review import ReviewDatabase
from tests.review.parts import SECRET, Clock


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch):
    monkeypatch.setattr("pixel.review.passwords.COST", 2)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def review(tmp_path, clock):
    """Three reviewers, an adjudicator, an admin; nothing to rate yet."""
    with ReviewDatabase(tmp_path / "review.db", clock=clock, claim_seconds=600) as database:
        for name in ("ann", "ben", "cleo"):
            database.add_reviewer(name, SECRET)
        database.add_reviewer("judge", SECRET, "adjudicator")
        database.add_reviewer("root", SECRET, "admin")
        yield database
