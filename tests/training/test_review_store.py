"""Requests and verdicts in a folder: whole files, readable or named, and a wait that ends."""

import json
import os

import pytest

from pixel.training.review_desk import ReviewDesk
from pixel.training.review_store import FileReviewStore, VerdictError, await_verdict


class Clock:
    """Time that passes only while somebody sleeps; calls `events[n]` before the n-th sleep."""

    def __init__(self, **events):
        self.now, self.slept, self.events = 100.0, [], events

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        event = self.events.get(f"at_{len(self.slept)}")
        if event is not None:
            event()
        self.slept.append(seconds)
        self.now += seconds


def test_a_request_is_one_file_and_an_id(tmp_path):
    store = FileReviewStore(tmp_path / "reviews")
    id = store.request({"id": "run-step-5", "step": 5})
    assert id == "run-step-5" and store.request({"step": 6}) != store.request({"step": 6})
    assert json.loads((tmp_path / "reviews" / "run-step-5.request.json").read_text()) == {"id": id, "step": 5}
    assert not [name for name in os.listdir(tmp_path / "reviews") if "partial" in name]


def test_asking_again_keeps_the_first_request_and_its_verdict(tmp_path):
    store = FileReviewStore(tmp_path)
    store.request({"id": "a", "n": 1})
    store.give("a", "approve", reviewer="k")
    assert store.request({"id": "a", "n": 2}) == "a"
    assert json.loads((tmp_path / "a.request.json").read_text())["n"] == 1
    assert store.verdict("a") == {"verdict": "approve", "reviewer": "k"}


def test_no_verdict_is_none(tmp_path):
    assert FileReviewStore(tmp_path).verdict("a") is None


@pytest.mark.parametrize("content", [b"", b"{", b'"approve"', b'{"verdict": "maybe"}', b"{}", b"\xff\xfe", b"[]"])
def test_a_verdict_that_cannot_be_read_is_named(tmp_path, content):
    (tmp_path / "a.verdict.json").write_bytes(content)
    with pytest.raises(VerdictError, match=r"a\.verdict\.json.*Mend"):
        FileReviewStore(tmp_path).verdict("a")


@pytest.mark.parametrize("id", ["../a", "a/b", ".hidden", "a b", "a" * 200])
def test_an_id_cannot_leave_the_folder(tmp_path, id):
    store = FileReviewStore(tmp_path)
    with pytest.raises(ValueError, match="review id"):
        store.request({"id": id})
    with pytest.raises(ValueError, match="review id"):
        store.verdict(id)


def test_a_verdict_of_another_name_cannot_be_given(tmp_path):
    with pytest.raises(VerdictError):
        FileReviewStore(tmp_path).give("a", "perhaps")


def test_waiting_ends_with_the_verdict(tmp_path):
    store = FileReviewStore(tmp_path)
    clock = Clock(at_2=lambda: store.give("a", "rollback"))
    verdict = await_verdict(lambda: store.verdict("a"), timeout=100, poll=5, clock=clock, sleep=clock.sleep)
    assert verdict == {"verdict": "rollback"} and clock.slept == [5, 5, 5]


def test_waiting_ends_at_the_time_out_and_not_after():
    clock = Clock()
    assert await_verdict(lambda: None, timeout=12, poll=5, clock=clock, sleep=clock.sleep) is None
    assert clock.slept == [5, 5, 2]
    assert await_verdict(lambda: None, timeout=0, poll=5, clock=clock, sleep=clock.sleep) is None
    assert len(clock.slept) == 3


def test_the_desk_tells_of_a_bad_verdict_once_and_waits_for_a_good_one(tmp_path):
    store, told = FileReviewStore(tmp_path), []
    store.request({"id": "a"})
    (tmp_path / "a.verdict.json").write_text("{")
    clock = Clock(at_3=lambda: store.give("a", "approve"))
    desk = ReviewDesk(store, lambda *what: told.append(what), timeout=60, poll=5, clock=clock, sleep=clock.sleep)
    verdict, waited = desk.wait("a")
    assert verdict == {"verdict": "approve"} and waited == 20
    assert [kind for kind, _ in told] == ["verdict_unreadable"]


def test_a_store_that_fails_is_told_and_does_not_end_the_run():
    class Down:
        def request(self, content):
            raise OSError("disk full")

        def verdict(self, id):
            raise ConnectionError("no database")

    told, clock = [], Clock()
    desk = ReviewDesk(Down(), lambda *what: told.append(what), timeout=20, poll=5, clock=clock, sleep=clock.sleep)
    assert desk.request({"id": "a"}) == "a"
    assert desk.wait("a") == (None, 20.0)
    assert [kind for kind, _ in told] == ["store_failed", "store_failed"]
    assert "disk full" in told[0][1] and "no database" in told[1][1]


def test_a_store_that_hands_out_nonsense_is_told_too():
    class Odd:
        def request(self, content):
            return "7"

        def verdict(self, id):
            return {"verdict": "yes"}

    told, clock = [], Clock()
    desk = ReviewDesk(Odd(), lambda *what: told.append(what), timeout=5, poll=5, clock=clock, sleep=clock.sleep)
    assert desk.request({"id": "a"}) == "7" and desk.wait("7")[0] is None
    assert [kind for kind, _ in told] == ["verdict_unreadable"]
