"""Many at once, and a writer that is killed: nothing lost, nothing doubled, nobody too many."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from pixel.review import ReviewDatabase, ReviewError
from tests.review.parts import GOOD, SECRET, rows


def crowd(database, people: int, items: int, overlap: int):
    """`people` threads rate until nothing is left; returns receipts and what went wrong."""
    database.add_items(rows(items), overlap=overlap)
    for n in range(people):
        database.add_reviewer(f"r{n}", SECRET)
    receipts, wrong, start = [], [], threading.Barrier(people)

    def work(name):
        start.wait()
        try:
            while (given := database.next_item(name)) is not None:
                receipts.append(database.submit(name, given.item_id, given.token, GOOD, comment=name))
                database.submit(name, given.item_id, given.token, GOOD, comment=name)  # the second click
        except Exception as error:  # a thread's error would go unseen
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(f"r{n}",)) for n in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return receipts, wrong


def check(database, receipts, items: int, overlap: int):
    kept = database._rows("SELECT item, reviewer FROM ratings")
    assert sorted(kept) == sorted((one.item_id, one.reviewer) for one in receipts)
    assert len(set(kept)) == len(kept) == items * overlap
    assert set(Counter(item for item, _ in kept).values()) == {overlap}
    events = database._rows("SELECT number, hash FROM events WHERE kind = 'rated'")
    assert sorted(events) == sorted((one.number, one.hash) for one in receipts)
    journal = database.path.with_suffix(".journal").joinpath("events.jsonl").read_text().splitlines()
    assert len(journal) == database.verify()


def test_eight_at_once_rate_everything_exactly_as_often_as_wanted(tmp_path):
    with ReviewDatabase(tmp_path / "r.db") as database:
        receipts, wrong = crowd(database, 8, 12, 3)
        assert not wrong
        check(database, receipts, 12, 3)


@pytest.mark.slow
def test_twenty_at_once_over_three_hundred_items(tmp_path):
    with ReviewDatabase(tmp_path / "r.db") as database:
        receipts, wrong = crowd(database, 20, 300, 3)
        assert not wrong
        check(database, receipts, 300, 3)


def test_claims_alone_never_outnumber_the_seats(tmp_path):
    with ReviewDatabase(tmp_path / "r.db") as database:
        database.add_items(rows(3), overlap=2)
        for n in range(12):
            database.add_reviewer(f"r{n}", SECRET)
        given, start = [], threading.Barrier(12)

        def take(name):
            start.wait()
            given.append(database.next_item(name))

        threads = [threading.Thread(target=take, args=(f"r{n}",)) for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Counter(one.item_id for one in given if one) == {"0": 2, "1": 2, "2": 2}


def test_what_was_acknowledged_outlives_a_writer_that_is_killed(tmp_path):
    script = Path(__file__).with_name("killed_writer.py")
    root = str(Path(__file__).parents[2])
    acknowledged, environment = [], os.environ | {"PYTHONPATH": root, "PYTHONUNBUFFERED": "1"}
    for life, patience in enumerate((6, 9, 7)):
        process = subprocess.Popen(
            [sys.executable, str(script), str(tmp_path / "r.db")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=root,
        )  # fmt: skip
        lines = []
        for line in process.stdout:
            lines.append(json.loads(line))
            if len(lines) == patience:
                time.sleep(0.003 * life)
                os.kill(process.pid, signal.SIGKILL)
                break
        lines += [json.loads(line) for line in process.stdout if line.endswith("\n")]
        assert process.wait() == -signal.SIGKILL, process.stderr.read()
        acknowledged += lines
    with ReviewDatabase(tmp_path / "r.db") as database:
        kept = {(item, who): (number, hash) for item, who, number, hash in database._rows(
            "SELECT r.item, r.reviewer, e.number, e.hash FROM ratings r JOIN events e ON e.number = r.event"
        )}  # fmt: skip
        told = {(one["item_id"], one["reviewer"]): (one["number"], one["hash"]) for one in acknowledged}
        assert len(told) == len(acknowledged) >= 22
        assert told.items() <= kept.items()
        assert len(kept) - len(told) <= 3 * 4  # one a thread and life may have been kept and not told
        assert max(Counter(item for item, _ in kept).values()) <= 3
        before, events = kept, database.verify()
    (tmp_path / "r.db").unlink()
    with ReviewDatabase(tmp_path / "r.db") as again:
        assert again.verify() == events and again.progress()["ratings"] == len(before)
        with pytest.raises(ReviewError, match="open for writing"):
            ReviewDatabase(tmp_path / "r.db")
