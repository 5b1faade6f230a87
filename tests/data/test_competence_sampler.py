"""Only rows that are admitted, the same on every rank, and the same again after a resume."""

import itertools
import json

import numpy as np
import pytest
from accelerate.data_loader import BatchSamplerShard, DataLoaderShard, skip_first_batches
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import BatchSampler

from pixel.data.competence_sampler import CompetenceSampler
from pixel.training.curriculum import Curriculum

STAGES = [{"max_difficulty": 0.3}, {"max_difficulty": 0.6}, {}]


def staged(rows: int = 20, **options) -> Curriculum:
    hard = np.random.default_rng(0).permutation(np.arange(1, rows + 1) / rows)
    return Curriculum(hard, **({"stages": STAGES, "patience": 1, "total": 10 * rows} | options))


def shard(sampler, rank: int, ranks: int):
    return BatchSamplerShard(BatchSampler(sampler, sampler.batch_size, drop_last=False), ranks, rank)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 7), st.integers(0, 2), st.sampled_from(["sqrt", "linear"]))
def test_batches_hold_only_rows_that_are_admitted_when_they_begin(rows, batch, epoch, pacing):
    curriculum = staged(rows, stages=None, pacing=pacing, adaptive=False, total=2 * rows)
    sampler = CompetenceSampler(curriculum, batch)
    sampler.set_epoch(epoch)
    order = list(sampler)
    assert len(order) == len(sampler) == rows
    for first in range(0, rows, batch):
        allowed = curriculum.admitted(curriculum.at(epoch * rows + first), batch)
        assert allowed[order[first : first + batch]].all()


def test_an_epoch_of_all_rows_goes_through_each_once():
    sampler = CompetenceSampler(staged(stages=[{}]), 3)
    for epoch in (0, 1):
        sampler.set_epoch(epoch)
        assert sorted(sampler) == list(range(20))


def test_no_row_comes_again_before_every_admitted_row_has_come():
    order = list(CompetenceSampler(staged(), 2))  # the 6 easiest of 20
    assert [len(set(order[at : at + 6])) for at in (0, 6, 12)] == [6, 6, 6]
    assert len(set(order)) == 6


def test_rows_let_in_come_before_old_ones_come_again():
    curriculum = staged()
    sampler = iter(CompetenceSampler(curriculum, 2))
    early = [next(sampler) for _ in range(6)]
    curriculum.history.append([6, 1])
    later = [next(sampler) for _ in range(6)]
    assert len(set(early)) == len(set(later)) == 6 and not set(early) & set(later)


def test_batches_are_of_one_kind_as_long_as_it_has_rows_waiting():
    kinds = ["talk"] * 12 + ["read"] * 8
    found = set()
    for seed in range(8):
        order = list(CompetenceSampler(staged(stages=[{}]), 4, seed, kinds=kinds))
        assert sorted(order) == list(range(20))
        batches = [{kinds[row] for row in order[at : at + 4]} for at in range(0, 20, 4)]
        assert sorted(map(sorted, batches)) == [["read"]] * 2 + [["talk"]] * 3
        found.add(tuple(map(min, batches)))
    assert len(found) > 1  # both kinds come mixed


def test_the_order_is_the_seed_s_and_the_epoch_s():
    def order(seed, epoch):
        sampler = CompetenceSampler(staged(), 4, seed)
        sampler.set_epoch(epoch)
        return list(sampler)

    assert order(1, 0) == order(1, 0)
    assert len({tuple(order(seed, epoch)) for seed, epoch in ((1, 0), (1, 1), (2, 0), (0, 1))}) == 4


@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks_share_out_one_order_and_agree_on_how_far_it_has_come(ranks):
    alone = list(BatchSampler(CompetenceSampler(staged(24), 2), 2, drop_last=False))
    curricula = [staged(24) for _ in range(ranks)]
    parts = [iter(shard(CompetenceSampler(c, 2), rank, ranks)) for rank, c in enumerate(curricula)]
    for turn in range(12 // ranks):
        batches = [next(part) for part in parts]
        assert batches == alone[turn * ranks : (turn + 1) * ranks]
        assert {curriculum.drawn for curriculum in curricula} == {(turn + 1) * ranks * 2}


def test_ranks_move_at_the_same_batch():
    curricula = [staged(24) for _ in range(2)]
    parts = [iter(shard(CompetenceSampler(c, 2), rank, 2)) for rank, c in enumerate(curricula)]
    for turn in range(6):
        batches = [next(part) for part in parts]
        rows = [row for batch in batches for row in batch]
        assert (curricula[0].difficulty[rows] <= (0.3 if turn < 3 else 0.6)).all()
        if turn == 2:
            for curriculum in curricula:
                curriculum.validate({"eq": 1.0})
                assert [event.kind for event in curriculum.validate({"eq": 1.0})] == ["advance"]
    assert curricula[0].state_dict() == curricula[1].state_dict()


class Rows:
    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        return index


def loader(curriculum, ranks: int = 1, **options) -> DataLoaderShard:
    """As `accelerator.prepare` makes it: the shard only where there are several ranks."""
    sampler = CompetenceSampler(curriculum, 2, seed=3)
    plain = BatchSampler(sampler, 2, drop_last=False)
    return DataLoaderShard(Rows(20), batch_sampler=shard(sampler, 0, ranks) if ranks > 1 else plain, **options)


def train(curriculum, losses, ranks, *, first: int = 0, last: int = 30, check: int | None = None, **options):
    """
    The loop of transformers, a batch a step: skips on a resume, evaluates after each step, and keeps a checkpoint.

    Returns the batches of steps `first` to `last`, and the checkpoint.
    """
    data, kept, batches = loader(curriculum, ranks, **options), None, []
    steps = len(data)
    step = first
    for epoch in itertools.count(first // steps):
        this = data
        if step == first and step % steps:
            this = skip_first_batches(data, step % steps)
        this.set_epoch(epoch)
        for batch in this:
            batches.append(batch.tolist())
            step += 1
            curriculum.validate({"eq": losses[step - 1]})
            if step == check:
                kept = json.dumps(curriculum.state_dict())
            if step == last:
                return batches, kept


@pytest.mark.parametrize("ranks", [1, 2])
@pytest.mark.parametrize("cut", [1, 4, 10, 13, 17, 20, 29])
def test_a_resumed_run_draws_what_the_unbroken_one_would_have(ranks, cut):
    losses = np.random.default_rng(1).choice([1.0, 1.3, 0.8, 1.0, 1.01], 30)
    whole, kept = train(staged(), losses, ranks, check=cut)
    again = staged()
    again.load_state_dict(json.loads(kept))
    rest, _ = train(again, losses, ranks, first=cut)
    assert rest == whole[cut:]
    moved = staged()
    train(moved, losses, ranks)
    assert len(moved.history) > 4 and again.state_dict() == moved.state_dict()


def test_workers_that_fetch_ahead_change_when_a_move_is_felt_and_not_that_it_can_be_repeated():
    losses = np.random.default_rng(1).choice([1.0, 1.3, 0.8, 1.0, 1.01], 30)
    options = {"last": 15, "num_workers": 1, "prefetch_factor": 2}
    unbroken = staged()
    whole, kept = train(unbroken, losses, 1, check=4, **options)
    assert unbroken.history[1][0] > 6
    again = staged()
    again.load_state_dict(json.loads(kept))
    assert train(again, losses, 1, first=4, **options)[0] == whole[4:]


def test_a_move_is_felt_when_what_was_fetched_ahead_is_used_up():
    losses = [1.0] * 5
    batches, _ = train(staged(), losses, 1, last=5)  # the second validation moves it, one batch is already drawn
    hard = staged().difficulty
    assert [hard[batch].max() > 0.3 for batch in batches[:3]] == [False] * 3
    curriculum = staged()
    train(curriculum, losses, 1, last=5)
    assert curriculum.history[1] == [6, 1]


def test_a_batch_of_none_and_kinds_of_other_rows_are_refused():
    with pytest.raises(ValueError, match="batch_size is 0"):
        CompetenceSampler(staged(), 0)
    with pytest.raises(ValueError, match="3 kinds for 20 rows"):
        CompetenceSampler(staged(), 2, kinds=["a", "b", "c"])
