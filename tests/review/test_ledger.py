"""One writer, a trail that only grows, and a database that comes back from its journal."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest

from pixel.review import ReviewDatabase, ReviewError, restore_review
from pixel.review.events import next_event
from tests.review.parts import GOOD, SECRET, rate, rows


def journal(review):
    return review.path.with_suffix(".journal") / "events.jsonl"


def filled(review):
    """A review in which everything has happened that makes an event."""
    review.add_items(rows(3), overlap=2)
    rate(review, "ann", empathy=1)
    rate(review, "ben", empathy=5)
    review.revise("ann", "0", GOOD | {"empathy": 2})
    review.adjudicate("judge", "0", GOOD, "between")
    given = review.next_item("ann")
    review.skip("ann", given.item_id, given.token, "unsure")
    rate(review, "cleo", safety=1)
    review.set_password("ben", "another password")
    review.sign_in("root", SECRET)
    review.request({"id": "run-step-5", "step": 5})
    review.give_verdict("root", "run-step-5", "approve", "fine")
    review.deactivate("cleo")
    return review


def contents(review):
    names = ("events", "reviewers", "rubrics", "items", "skips", "ratings", "adjudications", "gates", "verdicts")
    return {name: review._rows(f"SELECT * FROM {name} ORDER BY 1, 2") for name in names}


def test_a_second_writer_is_refused_and_told_who_has_it(review):
    script = (
        "import sys; from pixel.review import ReviewDatabase, ReviewError\n"
        "try: ReviewDatabase(sys.argv[1])\n"
        "except ReviewError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", script, str(review.path)], capture_output=True, text=True).stdout
    assert f"open for writing in process {os.getpid()}" in said and "Mend" in said
    with pytest.raises(ReviewError, match="open for writing"):
        ReviewDatabase(review.path)
    review.close()
    ReviewDatabase(review.path).close()


def test_readers_look_on_while_somebody_writes(review):
    review.add_items(rows(2), overlap=1)
    with ReviewDatabase(review.path, read_only=True) as reader:
        rate(review, "ann")
        assert reader.progress()["ratings"] == 1 and reader.verify() == review.verify()
        with pytest.raises(ReviewError, match="read only"):
            reader.next_item("ben")


def test_a_reader_needs_a_database(tmp_path):
    with pytest.raises(ReviewError, match="no database"):
        ReviewDatabase(tmp_path / "none.db", read_only=True)
    assert not list(tmp_path.iterdir())


def test_a_lost_database_is_rebuilt_from_its_journal_to_the_last_row(review, clock):
    before = contents(filled(review))
    review.close()
    review.path.unlink()
    with ReviewDatabase(review.path, clock=clock) as again:
        assert contents(again) == before and again.sign_in("ben", "another password") is not None
        assert again.verify() == len(before["events"]) + 1  # the sign-in


def test_a_lost_journal_is_written_again_to_the_last_byte(review):
    filled(review)
    before = journal(review).read_bytes()
    review.close()
    journal(review).unlink()
    ReviewDatabase(review.path).close()
    assert journal(review).read_bytes() == before


def test_an_older_copy_of_the_database_catches_up_from_the_journal(review, tmp_path):
    review.add_items(rows(2), overlap=1)
    shutil.copy(review.path, tmp_path / "older.db")
    rate(review, "ann")
    before = contents(review)
    review.close()
    shutil.copy(tmp_path / "older.db", review.path)
    with ReviewDatabase(review.path) as again:
        assert contents(again) == before


def test_a_line_that_was_cut_off_is_dropped_and_the_rest_goes_on(review):
    review.add_items(rows(2), overlap=1)
    rate(review, "ann")
    review.close()
    whole = journal(review).read_bytes()
    journal(review).write_bytes(whole + b'{"at": 17')
    with ReviewDatabase(review.path) as again:
        assert again.progress()["ratings"] == 1
        rate(again, "ben")
        assert journal(review).read_bytes().startswith(whole)
        assert len(journal(review).read_bytes().splitlines()) == again.verify()


def test_a_changed_journal_is_refused_and_named(review, tmp_path):
    filled(review)
    review.close()
    lines = journal(review).read_text().splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines) if json.loads(line)["kind"] == "rated")
    changed = [*lines[:number], lines[number].replace('"empathy":1', '"empathy":5'), *lines[number + 1 :]]
    for name, tampered in (("changed", changed), ("missing", lines[:3] + lines[4:]), ("nonsense", ["{}\n", *lines])):
        copy = tmp_path / f"{name}.jsonl"
        copy.write_text("".join(tampered))
        with pytest.raises(ReviewError, match="line"):
            restore_review(tmp_path / name / "r.db", journal=copy)
        assert not (tmp_path / name / "r.db").exists()
    with restore_review(tmp_path / "good" / "r.db", journal=journal(review)) as good:
        assert good.verify() == len(lines)


def test_database_and_journal_of_different_reviews_are_told_apart(review, tmp_path):
    review.add_items(rows(2), overlap=1)
    review.close()
    with ReviewDatabase(tmp_path / "other.db") as other:
        for name in ("x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8"):
            other.add_reviewer(name, SECRET)
    shutil.copy(tmp_path / "other.journal" / "events.jsonl", journal(review))
    with pytest.raises(ReviewError, match="different stories"):
        ReviewDatabase(review.path)
    assert review.path.is_file()


def test_the_trail_cannot_be_changed_and_a_change_from_outside_is_seen(review):
    review.add_items(rows(1), overlap=1)
    rate(review, "ann")
    for statement in ("UPDATE events SET who = 'ben'", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError, match="only grows"):
            review._database.execute(statement)
    review._database.execute("DROP TRIGGER events_stay")
    review._database.execute("UPDATE events SET who = 'ben' WHERE kind = 'rated'")
    with pytest.raises(ReviewError, match="does not follow"):
        review.verify()


def test_an_error_in_the_middle_leaves_nothing(review):
    before = contents(review)
    made = rows(5)
    made[3]["messages"][0]["role"] = "nobody"
    with pytest.raises(ReviewError, match=r"row 4 \(3\)"):
        review.add_items(made)
    assert contents(review) == before and len(journal(review).read_bytes().splitlines()) == review.verify()


def test_a_journal_that_cannot_be_written_gives_no_receipt(review, monkeypatch):
    review.add_items(rows(1), overlap=1)
    given = review.next_item("ann")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pixel.review.journal.os.write", full)
    with pytest.raises(ReviewError, match="No space left"):
        review.submit("ann", "0", given.token, GOOD)
    with pytest.raises(ReviewError, match="closed"):
        review.next_item("ann")
    monkeypatch.undo()
    with ReviewDatabase(review.path) as again:  # joined: in both, and the same call is answered
        assert again.submit("ann", "0", given.token, GOOD).number == again.verify()
        assert len(journal(review).read_bytes().splitlines()) == again.verify()


def test_the_journal_is_on_the_disk_before_the_receipt_is_handed_out(review, monkeypatch):
    review.add_items(rows(1), overlap=1)
    given, done, write, sync = review.next_item("ann"), [], os.write, os.fsync
    monkeypatch.setattr("pixel.review.journal.os.write", lambda *given: done.append("written") or write(*given))
    monkeypatch.setattr("pixel.review.journal.os.fsync", lambda *given: done.append("on the disk") or sync(*given))
    review.submit("ann", "0", given.token, GOOD)
    assert done == ["written", "on the disk"]


def test_sqlite_itself_waits_for_the_disk(review):
    settings = {name: review._row(f"PRAGMA {name}")[0] for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert settings == {"journal_mode": "delete", "synchronous": 2, "foreign_keys": 1}


def test_other_files_are_not_taken_for_a_review(tmp_path):
    (tmp_path / "text.db").write_text("not a database, but long enough to be looked at as one " * 40)
    with pytest.raises(ReviewError, match="Mend"):
        ReviewDatabase(tmp_path / "text.db")
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE mine (x)")
    with pytest.raises(ReviewError, match="something else"):
        ReviewDatabase(tmp_path / "other.db")


def test_nobody_else_on_the_machine_reads_it(review):
    for file in (review.path, journal(review)):
        assert file.stat().st_mode & 0o077 == 0, file


def test_an_event_of_a_newer_version_is_named_in_one_line_and_the_lock_is_given_back(review):
    event = next_event(review._last, 1.0, "", "danced", {})
    review.close()
    with journal(review).open("ab") as stream:
        stream.write(event.line())
    for _ in range(2):
        with pytest.raises(ReviewError, match="does not know 'danced'. Mend: use a newer one"):
            ReviewDatabase(review.path)
