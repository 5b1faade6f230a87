import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch.testing import assert_close

from tests.models.parts import conversation, network, tensors

TALK = tensors(conversation([3, 5, 2]), "labels")
OPTIONS = {"readout_pooling": "mean+attention", "emotion_attention": True, "head_dropout": 0.0}


def adapted(kind):
    torch.manual_seed(0)
    model = network(kind, **OPTIONS)
    settings = LoraConfig(
        r=4, target_modules=["q_proj", "v_proj"], modules_to_save=model.head_modules(), init_lora_weights=False,
        lora_dropout=0.0,
    )  # fmt: skip
    return get_peft_model(model, settings)


def test_every_part_that_is_not_the_backbones_is_named_to_peft():
    model = network(persona_prefix_length=2, **OPTIONS)
    named = tuple(f"{name}." for name in model.head_modules())
    others = {name for name, _ in model.named_parameters() if not name.startswith(("model.", "lm_head."))}
    assert others and all(name.startswith(named) for name in others)


@pytest.mark.parametrize("kind", ["llama", "qwen3_moe"])
def test_adapters_and_heads_get_gradients_and_the_trunk_gets_none(kind):
    model = adapted(kind).train()
    output = model(**TALK)
    (output.loss + sum(logits.square().mean() for logits in output.readouts.values())).backward()
    moved = {name for name, weight in model.named_parameters() if weight.grad is not None and weight.grad.any()}
    assert all("lora_" in name or "modules_to_save" in name for name in moved)
    for part in ("heads.risk", "heads.eq", "heads.emotion", "heads.persona", "pooling", "lora_A", "lora_B"):
        assert any(part in name for name in moved), part


@pytest.mark.parametrize("kind", ["llama", "qwen3_moe"])
def test_merging_the_adapters_changes_nothing(kind):
    model = adapted(kind).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "modules_to_save" in name:
                weight.add_(0.1)  # as if trained
        before = model(**TALK)
        plain = network(kind, **OPTIONS)(**TALK)
        merged = model.merge_and_unload()
        after = merged(**TALK)
    assert not torch.allclose(before.logits, plain.logits, atol=1e-2)
    assert_close(after.logits, before.logits, atol=1e-4, rtol=1e-4)
    assert_close(after.readouts, before.readouts, atol=1e-4, rtol=1e-4)
    assert set(merged.state_dict()) == set(network(kind, **OPTIONS).state_dict())
