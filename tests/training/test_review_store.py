"""Where a run asks, and a wait that ends."""

import pytest

from pixel.review.mailbox import FileReviewStore
from pixel.training.review_desk import ReviewDesk
from pixel.training.review_store import await_verdict, review_store


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


@pytest.mark.parametrize(
    ("place", "folder"),
    [(None, "out/review"), ("asked", "asked"), ("r/review.db", "r/review.gate"), ("r/review.sqlite", "r/review.gate")],
)
def test_a_database_is_asked_through_the_mailbox_beside_it(tmp_path, place, folder):
    store = review_store(place and tmp_path / place, tmp_path / "out")
    assert store.folder == tmp_path / folder and store.folder.is_dir()
    assert not (tmp_path / "r" / "review.db").exists()


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
