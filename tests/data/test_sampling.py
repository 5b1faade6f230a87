from hypothesis import given, settings
from hypothesis import strategies as st

from pixel.data.sampling import KindSampler


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("abc"), max_size=60), st.integers(1, 8), st.integers(0, 3))
def test_every_row_comes_once_and_whole_batches_are_of_one_kind(kinds, batch_size, seed):
    sampler = KindSampler(kinds, batch_size, seed)
    order = list(sampler)
    assert sorted(order) == list(range(len(kinds))) and len(sampler) == len(kinds)
    whole = sum(kinds.count(kind) // batch_size for kind in set(kinds))
    for number in range(whole):
        batch = order[number * batch_size : (number + 1) * batch_size]
        assert len({kinds[index] for index in batch}) == 1


def test_batches_of_both_kinds_come_in_mixed_order():
    kinds = [0] * 64 + [1] * 64
    order = list(KindSampler(kinds, 4))
    firsts = [kinds[order[at]] for at in range(0, 128, 4)]
    assert firsts != sorted(firsts) and firsts != sorted(firsts, reverse=True)


def test_epochs_differ_and_can_be_repeated():
    sampler = KindSampler([0, 1] * 40, 4, seed=5)
    first = list(sampler)
    sampler.set_epoch(1)
    second = list(sampler)
    assert first != second
    sampler.set_epoch(0)
    assert list(sampler) == first == list(KindSampler([0, 1] * 40, 4, seed=5))
    assert list(KindSampler([0, 1] * 40, 4, seed=6)) != first
