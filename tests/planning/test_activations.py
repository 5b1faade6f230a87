"""The formulas beside what autograd says it saved."""

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModel

from pixel.planning import activations
from tests.planning.shapes import setup

ROWS, LENGTH = 2, 96
SHAPE = {
    "vocab_size": 100, "hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 2, "num_attention_heads": 8,
    "num_key_value_heads": 2, "head_dim": 16, "moe_intermediate_size": 48, "num_experts": 8, "num_experts_per_tok": 2,
    "tie_word_embeddings": False, "max_position_embeddings": 512,
}  # fmt: skip


def saved(kind: str, dtype: torch.dtype, rank: int, padded: bool, attention: str = "sdpa") -> int:
    """Bytes of the different storages that the second layer saves, weights and rotary tables left out."""
    model = AutoModel.from_config(AutoConfig.for_model(kind, **SHAPE), attn_implementation=attention)
    model = model.to(dtype).train()
    layers = model.layers
    if rank:
        targets = ["q_proj", "k_proj", "v_proj", "o_proj"]
        model = get_peft_model(model, LoraConfig(r=rank, target_modules=targets))
        model.enable_input_require_grads()
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    inside, kept = [False], {}
    layers[1].register_forward_pre_hook(lambda *_: inside.__setitem__(0, True))
    layers[1].register_forward_hook(lambda *_: inside.__setitem__(0, False))

    def pack(tensor):
        storage = tensor.untyped_storage()
        rotary = tensor.dim() == 4 and tensor.size(1) == 1 and tensor.size(-1) == SHAPE["head_dim"]
        if inside[0] and storage.data_ptr() not in weights and not rotary:
            kept[storage.data_ptr()] = tensor
        return tensor

    mask = torch.ones(ROWS, LENGTH, dtype=torch.long)
    mask[0, -9:] = int(not padded)
    ids = torch.randint(0, 100, (ROWS, LENGTH))
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(input_ids=ids, attention_mask=mask, use_cache=False)
    return sum(tensor.untyped_storage().nbytes() for tensor in kept.values())


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("rank", [0, 4])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("kind", ["llama", "qwen3", "qwen3_moe"])
def test_a_layer_keeps_what_autograd_saves(kind, dtype, rank, padded):
    planned = setup(
        SHAPE | {"model_type": kind}, "cpu", dtype=dtype, bf16=False, lora_rank=rank, rows=ROWS, length=LENGTH,
        packed=padded, checkpointing=False,
    )  # fmt: skip
    rest = activations.experts(planned) if kind == "qwen3_moe" else activations.mlp(planned)
    if kind == "qwen3_moe":  # the router's logits and their softmax are saved by the auxiliary loss, not in the layer
        rest -= 2 * ROWS * LENGTH * 8 * planned.width
    found = saved(kind, getattr(torch, dtype), rank, padded)
    assert activations.attention(planned) + rest == pytest.approx(found, rel=0.005)


def test_eager_attention_keeps_its_scores():
    planned = setup(
        SHAPE | {"model_type": "llama"}, "cpu", dtype="bfloat16", bf16=False, rows=ROWS, length=LENGTH, packed=False,
        attention="eager",
    )  # fmt: skip
    found = saved("llama", torch.bfloat16, 0, False, "eager")
    assert activations.attention(planned) + activations.mlp(planned) == pytest.approx(found, rel=0.02)
