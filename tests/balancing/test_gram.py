import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from pixel.balancing.gram import factored_gram, gradient_gram, summed_gram
from tests.balancing.parts import Toy, conversations, dense_gradients


@settings(max_examples=40, deadline=None)
@given(
    batch=st.integers(1, 3),
    turns=st.integers(0, 4),
    tokens=st.integers(1, 6),
    absent=st.sets(st.integers(0, 3)),
    seed=st.integers(0, 10_000),
)
def test_factored_gram_equals_the_dense_one(batch, turns, tokens, absent, seed):
    torch.manual_seed(seed)
    pooling = torch.randn(batch, turns, tokens) * (torch.rand(batch, turns, 1) > 0.3)
    parts = [torch.randn(batch, tokens, 4)] + [torch.randn(batch, turns, 4) for _ in range(3)]
    dense = [parts[0], *(torch.einsum("bnt,bnh->bth", pooling, part) for part in parts[1:])]
    rows = torch.stack([torch.zeros(dense[0].numel()) if j in absent else d.flatten() for j, d in enumerate(dense)])
    language, *heads = [None if j in absent else part for j, part in enumerate(parts)]
    gram = factored_gram(language, heads, pooling)
    assert gram.dtype == torch.float32
    assert_close(gram, gram.T, atol=0, rtol=0)
    assert_close(gram, rows @ rows.T, atol=1e-4, rtol=1e-5)


@pytest.mark.parametrize("absent", [set(), {0}, {2}, {0, 1, 2, 3}])
def test_summed_gram_is_that_of_a_bias_added_to_every_hidden_state(absent):
    torch.manual_seed(0)
    hidden, bias = torch.randn(2, 6, 4), torch.zeros(4, requires_grad=True)
    _, pooling = conversations(batch=2, tokens=6)
    readers = [torch.randn(2, 6, 4)] + [torch.randn(2, 3, 4) for _ in range(3)]  # what each loss multiplies with
    moved = hidden + bias
    losses = [(readers[0] * moved).sum(), *((reader * (pooling @ moved)).sum() for reader in readers[1:])]
    losses = [torch.zeros(()) if j in absent else loss for j, loss in enumerate(losses)]
    language, *heads = [None if j in absent else reader for j, reader in enumerate(readers)]
    assert_close(summed_gram(language, heads, pooling), gradient_gram(losses, [bias]), atol=1e-4, rtol=1e-5)


def test_half_precision_gradients_give_a_float32_gram():
    language, head = torch.full((1, 2, 8), 300.0, dtype=torch.float16), torch.ones(1, 1, 8, dtype=torch.float16)
    gram = factored_gram(language, [head], torch.full((1, 1, 2), 0.5, dtype=torch.float16))
    assert_close(gram, torch.tensor([[16 * 9e4, 8 * 300.0], [8 * 300.0, 4.0]]))  # 9e4 is beyond float16


def test_gradient_gram_equals_the_product_of_stacked_gradients_and_keeps_the_graph():
    toy, (inputs, pooling) = Toy(), conversations()
    losses = toy.read(toy.trunk(inputs), pooling)
    gram = gradient_gram(losses.values(), toy.trunk.parameters())
    assert all(p.grad is None for p in toy.parameters())
    rows = []
    for name, loss in losses.items():
        toy.zero_grad()
        loss.backward(retain_graph=name != "empathy")
        rows.append(torch.cat([p.grad.flatten() for p in toy.trunk.parameters()]))
    assert_close(gram, torch.stack(rows) @ torch.stack(rows).T, atol=1e-6, rtol=1e-5)


def test_a_loss_without_a_graph_and_an_unused_parameter_count_as_zero():
    used, unused = torch.tensor([2.0, 1.0], requires_grad=True), torch.ones(3, requires_grad=True)
    gram = gradient_gram([used.square().sum(), torch.tensor(0.0)], [used, unused])
    assert_close(gram, torch.tensor([[20.0, 0.0], [0.0, 0.0]]))


def test_nothing_to_differentiate_is_an_error():
    with pytest.raises(ValueError, match="trainable parameters, found 1 and 0"):
        gradient_gram([torch.tensor(1.0, requires_grad=True)], [torch.ones(2)])


def test_samples_share_no_coordinates_so_micro_batches_add_up():
    toy, (inputs, pooling) = Toy(), conversations(batch=4)
    whole = dense_gradients(toy, inputs, pooling)
    parts = [dense_gradients(toy, inputs[i : i + 1], pooling[i : i + 1]) / 4 for i in range(4)]
    assert_close(whole @ whole.T, sum(p @ p.T for p in parts), atol=1e-7, rtol=1e-5)
