"""No point is given twice, and none is forgotten."""

import random

from pixel.tracking.ledger import Ledger, Ledgers


def test_a_random_history_with_losses_and_a_resume_gives_each_point_once(tmp_path):
    draw = random.Random(0)
    steps = [(step, {f"m{n}": 1.0 for n in range(draw.randint(1, 3))}) for step in range(1, 60)]
    held = []

    def give(ledger, step, values, fails):
        fresh = ledger.fresh(step, values)
        if fails:
            ledger.miss(step, fresh)
        else:
            held.extend((step, name) for name in fresh)
            ledger.given(step, fresh)

    ledgers = Ledgers(tmp_path)
    ledgers.open(["t"], resumed=False)
    for step, values in steps[:40]:
        give(ledgers.by_tracker["t"], step, values, draw.random() < 0.3)
    ledgers.save()

    again = Ledgers(tmp_path)  # killed at 40, goes on from a checkpoint at 30
    again.open(["t"], resumed=True)
    assert again.by_tracker["t"].run == ledgers.by_tracker["t"].run
    for step, values in steps[:30]:  # the log of the checkpoint
        give(again.by_tracker["t"], step, values, False)
    for step, values in steps[30:]:
        give(again.by_tracker["t"], step, values, False)
    assert sorted(held) == sorted((step, name) for step, values in steps for name in values)


def test_two_entries_of_one_step_are_both_given():
    ledger = Ledger("r")
    for entry in ({"loss": 1.0}, {"eval": 2.0}, {"loss": 1.0}):
        fresh = ledger.fresh(7, entry)
        ledger.given(7, fresh)
    assert ledger.names == {"loss", "eval"} and ledger.fresh(7, {"loss": 1.0}) == {}


def test_a_tracker_that_lost_its_end_is_given_it_again():
    ledger = Ledger("r", last=9, names=["a"], missed={4: ["b"], 8: ["b"]})
    ledger.back_to(6)
    assert [ledger.fresh(step, {"a": 1.0, "b": 1.0}) for step in (4, 6, 8)] == [{"b": 1.0}, {}, {"a": 1.0, "b": 1.0}]
    ledger.back_to(20)
    assert ledger.last == 6


def test_a_fresh_run_has_a_new_id_and_a_broken_file_is_no_obstacle(tmp_path):
    first, second, third = Ledgers(tmp_path), Ledgers(tmp_path), Ledgers(tmp_path)
    first.open(["a", "b"], resumed=False)
    assert first.by_tracker["a"].run == first.by_tracker["b"].run
    first.save()
    second.open(["a", "c"], resumed=True)  # a tracker that was added belongs to the same run
    assert second.by_tracker["a"].run == second.by_tracker["c"].run == first.by_tracker["a"].run
    second.open(["a"], resumed=False)
    assert second.by_tracker["a"].run != first.by_tracker["a"].run
    first.file.write_text("{")
    third.open(["a"], resumed=True)
    assert third.by_tracker["a"].last == -1


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    ledgers = Ledgers(tmp_path / "file")
    ledgers.open(["a"], resumed=False)
    ledgers.save()
