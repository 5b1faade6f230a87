"""One pass through the network: where it is read, what may be left out, and what must not change."""

import pytest
import torch
from torch.testing import assert_close
from transformers import AutoModelForCausalLM

from pixel.models import PixelForCausalLM
from pixel.models.labels import FIELDS
from tests.models.parts import POOLINGS, all_fields, conversation, network, tensors

TALK = tensors(conversation([3, 5, 2]), "labels")


@pytest.mark.parametrize("pooling", POOLINGS)
def test_reading_alone_equals_the_read_outs_of_the_whole_pass(pooling):
    model = network(readout_pooling=pooling, lexical_fields=all_fields(), emotion_attention=True)
    with torch.no_grad():
        alone = model.read(TALK["input_ids"], TALK["turn_spans"], TALK["turn_mask"])
        whole = model(**TALK).readouts
    assert set(alone) == set(whole) == set(FIELDS)
    assert_close(alone, whole, atol=1e-6, rtol=1e-6)


def test_reading_alone_stops_at_the_readout_layer():
    model = network(readout_layer=2)  # of 4
    ran = []
    for number, layer in enumerate(model.model.layers, start=1):
        layer.register_forward_hook(lambda *_, number=number: ran.append(number))
    with torch.no_grad():
        model.read(TALK["input_ids"], TALK["turn_spans"], TALK["turn_mask"])
        assert set(ran) <= {1, 2} and 1 in ran
        ran.clear()
        model(**TALK)
    assert ran == [1, 2, 3, 4]


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_the_mean_of_the_readout_layers_states_over_the_turn_is_what_the_heads_get(layer):
    model = network(readout_layer=layer)
    with torch.no_grad():
        output = model(**TALK, output_hidden_states=True)
        states = output.hidden_states[layer]  # after `layer` layers
        means = torch.stack([states[0, first : last + 1].mean(0) for first, last in TALK["turn_spans"][0]])[None]
        expected = model.heads["risk"](means)["risk"]
        hidden = model.hidden_at_readout(TALK["input_ids"])
    assert_close(output.readouts["risk"], expected, atol=1e-5, rtol=1e-5)
    assert_close(hidden, states, atol=1e-6, rtol=1e-6)


def test_the_last_layer_can_be_read():
    model = network(readout_layer=4)
    with torch.no_grad():
        readouts = model(**TALK).readouts
        assert_close(model.read(TALK["input_ids"], TALK["turn_spans"]), readouts, atol=1e-6, rtol=1e-6)
    assert all(logits.isfinite().all() for logits in readouts.values())


def test_without_turns_it_is_the_plain_model(plain):
    folder, model = plain("llama")
    pixel = PixelForCausalLM.from_pretrained(folder).eval()
    batch = {"input_ids": TALK["input_ids"], "labels": TALK["labels"]}
    with torch.no_grad():
        ours, theirs = pixel(**batch), model(**batch)
    assert ours.readouts is None
    assert_close(ours.loss, theirs.loss, atol=1e-6, rtol=1e-6)
    assert_close(ours.logits, theirs.logits, atol=1e-6, rtol=1e-6)


def test_reading_the_turns_leaves_the_language_model_alone():
    model = network()
    with torch.no_grad():
        read, plain = model(**TALK), model(TALK["input_ids"], labels=TALK["labels"])
    assert_close(read.logits, plain.logits, atol=1e-6, rtol=1e-6)
    assert_close(read.loss, plain.loss, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("kind", ["llama", "qwen3", "qwen3_moe"])
@pytest.mark.parametrize("cache", [True, False])
def test_it_writes_what_the_plain_model_writes(plain, kind, cache):
    folder, _ = plain(kind)
    settings = {"max_new_tokens": 8, "do_sample": False, "use_cache": cache, "pad_token_id": 0}
    written = [
        cls.from_pretrained(folder).eval().generate(TALK["input_ids"], **settings)
        for cls in (PixelForCausalLM, AutoModelForCausalLM)
    ]
    assert written[0].shape[1] > TALK["input_ids"].shape[1]
    assert written[0].tolist() == written[1].tolist()


def test_a_mixture_of_experts_adds_the_balancing_loss_of_the_plain_model(plain):
    folder, model = plain("qwen3_moe")
    pixel = PixelForCausalLM.from_pretrained(folder).eval()
    batch = {name: TALK[name] for name in ("input_ids", "labels")}
    with torch.no_grad():
        ours, theirs = pixel(**TALK), model(**batch)
    assert ours.aux_loss > 0
    assert_close(ours.aux_loss, theirs.aux_loss, atol=1e-6, rtol=1e-6)
    assert_close(ours.loss, theirs.loss, atol=1e-6, rtol=1e-6)


def gradients(model):
    model.zero_grad()
    output = model(**TALK)
    (output.loss + sum(logits.square().mean() for logits in output.readouts.values())).backward()
    return {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.grad is not None}


@pytest.mark.parametrize("reentrant", [False, True])
@pytest.mark.parametrize("layer", [2, 4])
def test_activation_checkpointing_changes_no_gradient(reentrant, layer):
    model = network(readout_layer=layer, readout_pooling="mean+attention", head_dropout=0.0).train()
    expected = gradients(model)
    model.activation_checkpointing_enable({"use_reentrant": reentrant})
    model.enable_input_require_grads()
    found = gradients(model)
    assert found.keys() == expected.keys() and "pooling.query.weight" in found
    for name in expected:
        assert_close(found[name], expected[name], atol=1e-6, rtol=1e-4)


def test_the_fork_gets_the_states_and_the_pooling_and_its_outputs_are_used():
    model, seen = network(readout_layer=4, head_dropout=0.0), []

    def fork(hidden, pooling):
        seen.append((hidden, pooling))
        pooled = torch.matmul(pooling, hidden)
        return torch.zeros_like(hidden), {
            "eq": torch.zeros_like(pooled), "persona": pooled, "clinical": 2 * pooled, "empathy": pooled,
        }  # fmt: skip

    with torch.no_grad():
        plain = model(**TALK)
        states = model.hidden_at_readout(TALK["input_ids"])
    model.fork = fork
    forked = model(**TALK)
    (hidden, pooling), = seen  # fmt: skip
    assert_close(hidden.detach(), states, atol=1e-6, rtol=1e-6)
    for turn, (first, last) in enumerate(TALK["turn_spans"][0].tolist()):
        expected = torch.zeros(hidden.size(1))
        expected[first : last + 1] = 1 / (last + 1 - first)
        assert_close(pooling[0, turn], expected)
    assert not pooling.requires_grad
    assert not forked.logits.any()  # the language branch went on from the zeros
    assert_close(forked.readouts["persona_mode"], plain.readouts["persona_mode"], atol=1e-6, rtol=1e-6)
    assert_close(forked.readouts["vad"][0, 0], forked.readouts["vad"][0, 2])  # all turns alike: zeros
    doubled = model.heads["risk"](2 * torch.matmul(pooling, hidden))["risk"]
    assert_close(forked.readouts["risk"], doubled)
    with torch.no_grad():
        assert_close(model(**TALK).logits, plain.logits)  # without gradients there is nothing to combine
    assert len(seen) == 1


def test_read_outs_are_handed_out_once():
    model = network()
    model(**TALK)
    assert model.take_readouts() is None
