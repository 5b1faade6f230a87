"""The journal on the Hub: copied out, fetched back by a machine that has lost everything."""

import shutil

import pytest

from pixel.review import ReviewError, open_review, restore_review
from tests.hub_standin import session_hub
from tests.review.parts import SECRET, rate, rows

REPO = "tester/journal"


@pytest.fixture(autouse=True)
def hub():
    session_hub().reset()
    yield session_hub()
    session_hub().reset()


def test_a_new_disk_goes_on_where_the_old_one_was(tmp_path, hub):
    with open_review(tmp_path / "old" / "review.db", REPO) as first:
        first.add_reviewer("ann", SECRET)
        first.add_items(rows(2), overlap=1)
        rate(first, "ann")
        events = first.verify()
    assert hub.repos["dataset", REPO]["private"]
    assert list(hub.files(REPO, "dataset")) == ["journal/events.jsonl"]
    with open_review(tmp_path / "new" / "review.db", REPO) as second:
        assert second.verify() == events and second.progress()["ratings"] == 1
        assert second.sign_in("ann", SECRET) is not None and rate(second, "ann") == "1"
    with restore_review(tmp_path / "third" / "review.db", repo_id=REPO) as third:
        assert third.verify() == events + 2


def test_a_hub_that_cannot_be_reached_never_leads_to_an_empty_review(tmp_path, hub):
    hub.fail = ("datasets", 500)
    with pytest.raises(ReviewError, match="cannot be looked at.*Mend"):
        open_review(tmp_path / "review.db", REPO)
    assert not (tmp_path / "review.db").exists()


def test_an_old_copy_of_the_disk_catches_up_and_another_review_is_refused(tmp_path, hub):
    with open_review(tmp_path / "review.db", REPO) as first:
        first.add_items(rows(2), overlap=1)
    shutil.copytree(tmp_path, tmp_path / "older", ignore=shutil.ignore_patterns("older"))
    with open_review(tmp_path / "review.db", REPO) as first:
        first.add_reviewer("ann", SECRET)
        rate(first, "ann")
        events = first.verify()
    with open_review(tmp_path / "older" / "review.db", REPO) as older:
        assert older.verify() == events and older.progress()["ratings"] == 1
    kept = hub.files(REPO, "dataset")["journal/events.jsonl"]
    with open_review(tmp_path / "other.db") as other:
        other.add_reviewer("eve", SECRET)
    with pytest.raises(ReviewError, match="different stories"):
        open_review(tmp_path / "other.db", REPO)
    assert hub.files(REPO, "dataset")["journal/events.jsonl"] == kept


def test_a_public_repository_is_refused(tmp_path, hub):
    hub.repos["dataset", REPO] = {"private": False, "commits": 0, "files": {}}
    with pytest.raises(ReviewError, match="is public"):
        open_review(tmp_path / "review.db", REPO)
    assert hub.files(REPO, "dataset") == {}


def test_places_come_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXEL_REVIEW_DB", str(tmp_path / "here.db"))
    with open_review() as database:
        assert database.path == tmp_path / "here.db" and database.backup is None


def test_restoring_never_writes_over_anything(tmp_path):
    with open_review(tmp_path / "review.db") as database:
        database.add_items(rows(1))
    with pytest.raises(ReviewError, match="is there"):
        restore_review(tmp_path / "review.db")
    (tmp_path / "review.db").unlink()
    with pytest.raises(ReviewError, match="is there"):
        restore_review(tmp_path / "review.db", journal=tmp_path / "copy.jsonl")
    with restore_review(tmp_path / "review.db") as again:
        assert again.progress()["items"] == 1
    with pytest.raises(ReviewError, match="no journal"):
        restore_review(tmp_path / "other.db", journal=tmp_path / "none.jsonl")
