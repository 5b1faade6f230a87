"""What stays and what goes, and how space is made."""

import pytest

from pixel.checkpoints import CheckpointError, Retention, look, prune, retention, space
from pixel.checkpoints.going_back import ROLLED_BACK, ask_to_roll_back, roll_back, roll_back_if_asked
from tests.checkpoints.parts import checkpoint, spoil


def steps(folder) -> list[int]:
    return sorted(int(path.name.split("-")[1]) for path in folder.glob("checkpoint-*"))


@pytest.fixture
def run(tmp_path):
    """Steps 1 to 6, of which 2 and 4 have the lowest metric."""
    for step, metric in enumerate([0.9, 0.1, 0.8, 0.2, 0.7, 0.6], start=1):
        checkpoint(tmp_path, step, metric=metric)
    return tmp_path


@pytest.mark.parametrize(
    ("keep", "left"),
    [
        (Retention(), [1, 2, 3, 4, 5, 6]),
        (Retention(best=1, every=5), [1, 2, 3, 4, 5, 6]),  # no limit: all stay
        (Retention(last=1), [6]),
        (Retention(last=3), [4, 5, 6]),
        (Retention(last=2, best=2), [2, 4, 5, 6]),
        (Retention(last=2, best=2, greater_is_better=True), [1, 3, 5, 6]),
        (Retention(last=1, every=2), [2, 4, 6]),
        (Retention(last=1, names=frozenset(["checkpoint-3"])), [3, 6]),
    ],
)
def test_the_rules_decide(run, keep, left):
    prune(run, keep)
    assert steps(run) == left


def test_the_newest_whole_one_stays_and_not_a_broken_newer_one(run):
    spoil(run / "checkpoint-6")
    gone = prune(run, Retention(last=1), hashes=True)
    assert steps(run) == [5] and len(gone) == 5


def test_where_none_is_whole_nothing_goes(run):
    for step in range(1, 7):
        spoil(run / f"checkpoint-{step}")
    assert prune(run, Retention(last=1), hashes=True) == [] and len(steps(run)) == 6


def test_dry_only_says(run):
    assert [path.name for path in prune(run, Retention(last=5), dry=True)] == ["checkpoint-1"]
    assert len(steps(run)) == 6


def test_the_reasons_are_told(run):
    reasons = Retention(last=2, best=1, every=3).reasons(look(run))
    assert reasons == {
        6: ["newest whole", "last 2", "every 3"], 5: ["last 2"], 4: [], 3: ["every 3"], 2: ["best 1"], 1: [],
    }  # fmt: skip
    assert Retention().reasons(look(run))[4] == ["no limit"]


def test_room_is_made_only_as_far_as_it_must_be(run, monkeypatch):
    # each checkpoint takes the size of its files; the disk has room for one more after two are gone
    size = look(run)[0].size
    needed = space.expected_size(run, otherwise=0)
    assert needed == int(size * 1.02) + 64 * 1024
    free = lambda folder: needed - 2 + (6 - len(steps(run)))  # noqa: E731  two removals make the difference
    monkeypatch.setattr(space, "free_bytes", free)
    room = space.make_room(run, 0, Retention(last=6, best=1))
    assert room.enough and room.removed == ("checkpoint-1", "checkpoint-3") and steps(run) == [2, 4, 5, 6]


def test_too_small_a_disk_keeps_the_newest_and_the_best(run, monkeypatch):
    monkeypatch.setattr(space, "free_bytes", lambda folder: 10)
    room = space.make_room(run, 0, Retention(last=3, best=1))
    assert not room.enough and steps(run) == [2, 6]


def test_without_a_limit_space_is_no_reason_to_remove(run, monkeypatch):
    monkeypatch.setattr(space, "free_bytes", lambda folder: 10)
    assert not space.make_room(run, 0, Retention()).enough and len(steps(run)) == 6


def test_the_first_checkpoint_goes_by_what_the_run_says(tmp_path):
    assert space.expected_size(tmp_path / "new", otherwise=1000) == 1020 + 64 * 1024
    assert space.free_bytes(tmp_path / "not" / "there" / "yet") > 0


@pytest.mark.parametrize(
    ("size", "words"), [(999, "999 B"), (1500, "1.5 kB"), (4.27e11, "427.0 GB"), (2e12, "2.0 TB")]
)
def test_sizes_are_read_by_people(size, words):
    assert space.readable(size) == words


def test_going_back_moves_what_is_later(run):
    (run / "finished.json").write_text("{}")
    moved = roll_back(run, 4, "the loss went up")
    assert steps(run) == [1, 2, 3, 4] and not (run / "finished.json").exists()
    assert sorted(path.name for path in moved) == ["checkpoint-5", "checkpoint-6", "finished.json"]
    assert "the loss went up" in (run / ROLLED_BACK / "checkpoint-6" / "reason.txt").read_text()


def test_going_back_to_what_is_not_there_or_broken_is_refused(run):
    with pytest.raises(CheckpointError, match="no checkpoint-9.*6, 5, 4, 3, 2, 1"):
        roll_back(run, 9)
    spoil(run / "checkpoint-2")
    with pytest.raises(CheckpointError, match="changed since it was sealed"):
        roll_back(run, 2)
    assert len(steps(run)) == 6


def test_a_request_is_done_once(run):
    ask_to_roll_back(run, 3, "experts said so")
    done = roll_back_if_asked(run)
    assert done["to"] == 3 and done["why"] == "experts said so" and steps(run) == [1, 2, 3]
    assert roll_back_if_asked(run) is None


def test_a_request_that_cannot_be_done_says_how_to_go_on(run):
    ask_to_roll_back(run, 3, "why")
    spoil(run / "checkpoint-3")
    with pytest.raises(CheckpointError, match="Mend: remove .*rollback.json"):
        roll_back_if_asked(run)
    (run / "rollback.json").write_text("{}")
    with pytest.raises(CheckpointError, match="not a request"):
        roll_back_if_asked(run)


def test_retention_forgets_no_field_when_it_is_tightened():
    keep = Retention(3, 2, 10, True, frozenset(["checkpoint-1"]))
    assert keep.tightened() == Retention(2, 2, 10, True, frozenset(["checkpoint-1"]))
    assert Retention(1).tightened() == Retention(1) and Retention().tightened() == Retention()
    assert retention.NEWEST == "newest whole"
