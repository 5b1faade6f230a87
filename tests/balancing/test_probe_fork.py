import pytest
import torch
from torch.testing import assert_close

from pixel.balancing.balancer import Balancer
from pixel.balancing.fork import Fork
from pixel.balancing.probe_fork import ForkSweep
from pixel.balancing.probe_sweep import lora_b_modules, sweep_gram
from tests.balancing.parts import OBJECTIVES, TinyPixel, token_batch

peft = pytest.importorskip("peft")
BELOW = slice(0, 4)  # q and v of the two layers below the fork; the third layer's see the language gradient alone


def adapted(weights=None, reentrant: bool | None = None) -> tuple[TinyPixel, ForkSweep]:
    """A tiny Llama with LoRA on q and v, its B matrices small and random, under fixed weights at the fork."""
    network = TinyPixel(Fork(Balancer(OBJECTIVES, "sum", priorities=weights))).train()
    if reentrant is not None:
        network.llama.activation_checkpointing_enable({"use_reentrant": reentrant})
        network.llama.enable_input_require_grads()
    network.llama = peft.get_peft_model(network.llama, peft.LoraConfig(r=4, target_modules=["q_proj", "v_proj"]))
    torch.manual_seed(2)
    for name, parameter in network.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.05)
    return network, ForkSweep(dict(list(lora_b_modules(network).items())[BELOW]))


def expected(network: TinyPixel) -> torch.Tensor:
    """By one `autograd.grad` an objective from the losses, over the same matrices."""
    balancer = network.fork.balancer
    modules = dict(list(lora_b_modules(network).items())[BELOW])
    return sweep_gram(network(*token_batch()), modules, balancer)


def probed(network: TinyPixel, probe: ForkSweep) -> torch.Tensor | None:
    with probe.armed(network.fork):
        losses = network(*token_batch())
    sum(losses.values()).backward()
    return probe.take()


@pytest.mark.parametrize("weights", [None, [0.5, 2.0, 1.0, 0.3, 4.0], [0.01, 1.0, 1.0, 2.0, 1.0]])
@pytest.mark.parametrize("reentrant", [None, False])
def test_it_is_the_sweep_from_the_losses_whatever_the_weights_at_the_fork(weights, reentrant):
    network, probe = adapted(weights, reentrant)
    reference = expected(network)
    scale = reference.diagonal().mean()
    assert_close(probed(network, probe) / scale, reference / scale, atol=1e-5, rtol=1e-4)


def test_the_step_around_it_gets_the_gradients_it_would_get_without():
    plain, _ = adapted([0.5, 2.0, 1.0, 0.3, 4.0])
    sum(plain(*token_batch()).values()).backward()
    network, probe = adapted([0.5, 2.0, 1.0, 0.3, 4.0])
    probed(network, probe)
    for ours, theirs in zip(network.parameters(), plain.parameters(), strict=True):
        assert (ours.grad is None) == (theirs.grad is None)
        assert ours.grad is None or torch.equal(ours.grad, theirs.grad)


def test_it_measures_once_and_leaves_no_hook_behind():
    network, probe = adapted()
    assert probed(network, probe) is not None
    assert probe.take() is None and network.fork.probe is None
    sum(network(*token_batch()).values()).backward()
    assert probe.take() is None
    assert not any(weight._backward_hooks for weight in probe.weights)


def test_gradients_already_there_do_not_enter():
    network, probe = adapted()
    reference = probed(network, probe)
    assert any(weight.grad is not None for weight in probe.weights)
    assert_close(probed(network, probe), reference, atol=1e-9, rtol=1e-5)


def test_an_objective_without_a_loss_has_a_row_of_zeros():
    network, probe = adapted()
    reference = expected(network)
    with probe.armed(network.fork):
        losses = network(*token_batch())
    sum(losses[name] for name in OBJECTIVES if name != "clinical").backward()
    gram = probe.take()
    assert not gram[3].any() and not gram[:, 3].any()
    others = [0, 1, 2, 4]
    assert_close(gram[others][:, others], reference[others][:, others], atol=1e-9, rtol=1e-4)


@pytest.mark.parametrize("kept", [OBJECTIVES[:1], OBJECTIVES[1:]])
def test_without_heads_or_without_language_the_rest_is_still_measured(kept):
    network, probe = adapted()
    reference = expected(network)
    with probe.armed(network.fork):
        losses = network(*token_batch())
    sum(losses[name] for name in kept).backward()
    rows = [OBJECTIVES.index(name) for name in kept]
    whole = torch.zeros(5, 5)
    whole[torch.tensor(rows).unsqueeze(1), rows] = reference[rows][:, rows]
    assert_close(probe.take(), whole, atol=1e-9, rtol=1e-4)


def test_a_pass_that_never_finishes_is_dropped_by_the_next():
    network, probe = adapted()
    reference = probed(network, probe)
    with probe.armed(network.fork):
        losses = network(*token_batch())
    lowest = probe.weights[0]
    torch.autograd.grad(sum(losses.values()), [w for w in probe.weights if w is not lowest], retain_graph=True)
    assert probe.take() is None
    assert_close(probed(network, probe), reference, atol=1e-9, rtol=1e-5)


def test_re_entrant_checkpoints_are_refused_in_words():
    network, probe = adapted(reentrant=True)
    with pytest.raises(RuntimeError, match="re-entrant"):
        probed(network, probe)
