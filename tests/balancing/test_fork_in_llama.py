import pytest
import torch
from torch.testing import assert_close

from pixel.balancing.balancer import Balancer
from pixel.balancing.fork import Fork
from tests.balancing.parts import OBJECTIVES, TinyPixel, gradients, token_batch


def run(weighting: str | None, reentrant: bool | None = None, dtype=torch.float32, **options):
    balancer = None if weighting is None else Balancer(OBJECTIVES, weighting, **options)
    network = TinyPixel(None if balancer is None else Fork(balancer)).to(dtype).train()
    if reentrant is not None:
        network.llama.activation_checkpointing_enable({"use_reentrant": reentrant})
        network.llama.enable_input_require_grads()
    losses = network(*token_batch())
    sum(losses.values()).backward()
    return network, balancer, gradients(network)


def test_plain_sum_in_a_forward_hook_equals_autograd():
    expected = run(None)[2]
    found = run("sum")[2]
    assert found.keys() == expected.keys()
    for name in expected:
        assert_close(found[name], expected[name], atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("reentrant", [False, True])
@pytest.mark.parametrize("weighting", ["sum", "upgrad"])
def test_activation_checkpointing_changes_nothing_and_counts_once(reentrant, weighting):
    _, plain_balancer, expected = run(weighting, monitor=True)
    network, balancer, found = run(weighting, reentrant, monitor=True)
    assert network.calls == 1
    plain_balancer.step()
    balancer.step()
    assert_close(balancer.log.gram, plain_balancer.log.gram, atol=1e-7, rtol=1e-5)
    assert found.keys() == expected.keys()
    for name in expected:
        assert_close(found[name], expected[name], atol=1e-6, rtol=1e-4)


def test_weighting_changes_layers_below_the_fork_only():
    summed, weighted = run("sum")[2], run("upgrad")[2]
    changed = {name for name in summed if not torch.allclose(summed[name], weighted[name], atol=1e-7)}
    below = {name for name in summed if any(part in name for part in ("embed_tokens", "layers.0.", "layers.1."))}
    assert changed == below


def test_bfloat16_model_trains_with_finite_gradients():
    _, balancer, found = run("upgrad", dtype=torch.bfloat16)
    assert balancer.fallbacks == 0
    assert all(gradient.isfinite().all() for gradient in found.values())


def test_generation_passes_through_the_fork():
    network = TinyPixel(Fork(Balancer(OBJECTIVES, "upgrad"))).eval()
    ids, pooling = token_batch()
    with torch.no_grad():
        losses = network(ids, pooling)
    assert not any(loss.requires_grad for loss in losses.values())
