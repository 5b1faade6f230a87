import pytest
import torch
from torch.testing import assert_close

from pixel.balancing.balancer import Balancer
from pixel.balancing.exact import exact_gram
from pixel.balancing.fork import Fork
from pixel.balancing.probe_replicated import repeat_batch, replicated_gram
from pixel.balancing.probe_sweep import lora_b_modules, sweep_gram
from tests.balancing.parts import OBJECTIVES, TinyPixel, token_batch

peft = pytest.importorskip("peft")
K = len(OBJECTIVES)


def adapted(reentrant: bool | None = None) -> tuple[TinyPixel, Balancer]:
    """A tiny Llama with LoRA on q, v and the MLP, its B matrices small and random, and a weighting that would act."""
    balancer = Balancer(OBJECTIVES, "upgrad", source="lora")
    network = TinyPixel(Fork(balancer)).train()
    config = peft.LoraConfig(r=4, target_modules=["q_proj", "v_proj", "up_proj"], lora_alpha=8)
    if reentrant is not None:
        network.llama.activation_checkpointing_enable({"use_reentrant": reentrant})
        network.llama.enable_input_require_grads()
    network.llama = peft.get_peft_model(network.llama, config)
    torch.manual_seed(2)
    for name, parameter in network.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.05)
    return network, balancer


def replicated(network: TinyPixel, balancer: Balancer | None, **options) -> torch.Tensor:
    ids, pooling = token_batch()
    rows = {name: slice(2 * j, 2 * j + 2) for j, name in enumerate(OBJECTIVES)}

    def copy_losses():
        return network(**repeat_batch({"input_ids": ids, "pooling": pooling}, K), rows=rows).values()

    return replicated_gram(network, lora_b_modules(network), copy_losses, K, balancer, **options)


def test_only_attention_projections_are_found_and_their_absence_is_explained():
    network, _ = adapted()
    modules = lora_b_modules(network)
    assert len(modules) == 2 * 3
    assert all("q_proj" in name or "v_proj" in name for name in modules)
    with pytest.raises(ValueError, match="LoraConfig.target_modules"):
        lora_b_modules(TinyPixel())


def test_layers_can_be_chosen():
    network, _ = adapted()
    modules = lora_b_modules(network, layers=range(1, 3))
    assert len(modules) == 2 * 2 and not any(".layers.0." in name for name in modules)
    with pytest.raises(ValueError, match="in layers 7 to 8"):
        lora_b_modules(network, layers=range(7, 9))


def test_sweep_is_the_exact_gram_restricted_to_the_b_matrices_and_leaves_the_step_alone():
    network, balancer = adapted()
    losses = network(*token_batch())
    modules = lora_b_modules(network)
    gram = sweep_gram(losses, modules, balancer)
    assert balancer.log.gram is None and all(p.grad is None for p in network.parameters())
    with balancer.paused():
        for parameter in network.parameters():
            parameter.requires_grad_(any(parameter is module.weight for module in modules.values()))
        assert_close(gram, exact_gram(losses, network), atol=1e-9, rtol=1e-5)
    sum(losses.values()).backward()


def test_sweep_is_the_gram_of_separate_plain_backward_passes():
    network, balancer = adapted()
    gram = sweep_gram(network(*token_batch()), lora_b_modules(network), balancer)
    network.fork = None
    rows = []
    for name in OBJECTIVES:
        network.zero_grad()
        network(*token_batch())[name].backward()
        parts = [p.grad for p in (m.weight for m in lora_b_modules(network).values())]
        rows.append(torch.cat([torch.zeros(0) if part is None else part.flatten() for part in parts]))
    width = max(len(row) for row in rows)
    padded = torch.stack([torch.nn.functional.pad(row, (0, width - len(row))) for row in rows])
    assert_close(gram, padded @ padded.T, atol=1e-9, rtol=1e-4)


@pytest.mark.parametrize("reentrant", [None, False, True])
def test_replicated_equals_the_sweep(reentrant):
    network, balancer = adapted()
    expected = sweep_gram(network(*token_batch()), lora_b_modules(network), balancer)
    found = replicated(*adapted(reentrant))
    assert_close(found / expected.diagonal().mean(), expected / expected.diagonal().mean(), atol=1e-5, rtol=1e-5)


def test_replicated_runs_one_backward_pass_records_nothing_and_leaves_gradients_as_they_were():
    network, balancer = adapted()
    first = next(p for p in network.parameters() if p.requires_grad)
    first.grad = mine = torch.full_like(first, 7.0)
    calls = []
    replicated(network, balancer, backward=lambda loss: (calls.append(loss), loss.backward()))
    assert len(calls) == 1
    assert first.grad is mine and (mine == 7.0).all()
    assert all(p.grad is None for p in network.parameters() if p is not first)
    assert balancer.log.gram is None and balancer.wants_gram
    assert not any(module._forward_hooks for module in lora_b_modules(network).values())


def test_probes_feed_the_balancer():
    network, balancer = adapted()
    balancer.observe(replicated(network, balancer))
    losses = network(*token_batch())
    sum(losses.values()).backward()
    balancer.step()
    assert balancer.weights.tolist() != [1.0] * K
    assert {"probe/cosine/eq_persona", "cosine/eq_persona"} <= balancer.last.keys()


def test_a_failing_probe_restores_everything():
    network, balancer = adapted()
    with pytest.raises(ValueError, match="need 5 losses"):
        replicated_gram(network, lora_b_modules(network), lambda: [torch.zeros(())], K, balancer)
    with pytest.raises(ValueError, match="not 5 copies of a batch"):
        replicated_gram(network, lora_b_modules(network), lambda: network(*token_batch()).values(), K, balancer)
    assert balancer.wants_gram
    assert not any(module._forward_hooks for module in lora_b_modules(network).values())


def test_losses_out_of_order_are_refused():
    network, balancer = adapted()
    losses = dict(reversed(network(*token_batch()).items()))
    with pytest.raises(ValueError, match="in order"):
        sweep_gram(losses, lora_b_modules(network), balancer)


def test_repeating_keeps_copies_together():
    batch = repeat_batch({"ids": torch.tensor([[1], [2]]), "scale": torch.tensor(3.0), "note": "x"}, 2)
    assert batch["ids"].flatten().tolist() == [1, 2, 1, 2]
    assert batch["scale"] == 3.0 and batch["note"] == "x"
