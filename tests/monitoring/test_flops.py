"""FLOPs from a configuration: against figures worked out elsewhere, TRL's count, and what torch counts as it runs."""

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen3Config, Qwen3MoeConfig
from trl.trainer.utils import adjusted_mfu, compute_flops_per_token

from pixel.monitoring.flops import hardware_flops, mean_keys, token_flops, training_flops

QWEN3_30B_A3B = Qwen3MoeConfig(
    hidden_size=2048, num_hidden_layers=48, num_attention_heads=32, num_key_value_heads=4, head_dim=128,
    num_experts=128, num_experts_per_tok=8, moe_intermediate_size=768, vocab_size=151_936,
)  # fmt: skip
TINY = {
    "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 2, "vocab_size": 128,
}  # fmt: skip


def test_qwen3_30b_a3b_costs_27_9_gflop_a_token_at_4k_as_the_literature_counts():
    assert training_flops(token_flops(QWEN3_30B_A3B, 4096)) == pytest.approx(27.9e9, rel=0.002)


def test_causal_attention_halves_the_scores_and_nothing_else():
    full, causal = token_flops(QWEN3_30B_A3B, 4096), token_flops(QWEN3_30B_A3B, mean_keys([4096]))
    assert causal.scores == pytest.approx(full.scores / 2, rel=1e-3)
    assert causal.weighted == full.weighted
    assert training_flops(causal) == pytest.approx(23.06e9, rel=0.002)


@pytest.mark.parametrize(
    "config", [QWEN3_30B_A3B, LlamaConfig(**TINY), Qwen3Config(**TINY, head_dim=32)], ids=["moe", "llama", "qwen3"]
)
def test_trl_counts_the_same(config):
    length = 4096
    ours = training_flops(token_flops(config, length))
    assert ours == compute_flops_per_token(config, length)
    causal = training_flops(token_flops(config, length / 2))
    assert causal / ours == pytest.approx(adjusted_mfu(1.0, config, length))


def counted(model, length: int) -> int:
    """FLOPs of forward and backward of a row, as torch counts the operators it runs. Its attention is not causal."""
    ids = torch.randint(0, 128, (1, length))
    with FlopCounterMode(display=False) as counter:
        model(input_ids=ids, labels=ids).loss.backward()
    return counter.get_total_flops()


def eager(config):
    torch.manual_seed(0)
    config._attn_implementation = "eager"
    return AutoModelForCausalLM.from_config(config)


def test_torch_counts_the_same_of_a_whole_network():
    length, config = 32, LlamaConfig(**TINY)
    ours = training_flops(token_flops(config, length)) * length
    assert ours == pytest.approx(counted(eager(config), length), rel=0.01)


def test_torch_counts_the_same_of_lora_but_for_the_bottom_of_the_lowest_layer():
    """Nothing is trained below the lowest layer, so autograd leaves out its input gradients."""
    length, config = 32, LlamaConfig(**TINY)
    model = get_peft_model(eager(config), LoraConfig(r=4, target_modules=["q_proj", "v_proj"]))
    adapters = 2 * sum(p.numel() for p in model.parameters() if p.requires_grad)
    ours = training_flops(token_flops(config, length), frozen=True, adapters=adapters) * length
    bottom = length * (2 * 64 * (64 + 32 + 32) + 2 * 4 * 2 * 64)  # q, k, v; A of two adapters
    found = counted(model, length)
    assert ours - bottom == pytest.approx(found, rel=0.01)
    assert ours < 0.75 * training_flops(token_flops(config, length)) * length


def test_checkpointing_is_hardware_work_and_no_model_flops():
    length, config = 32, LlamaConfig(**TINY)
    model = eager(config).train()
    model.activation_checkpointing_enable({"use_reentrant": False})
    flops = token_flops(config, length)
    ours = hardware_flops(flops, activation_checkpointing=True) * length
    spared = length * 3 * 2 * 96 * 64  # torch stops before each layer's last product, which no gradient asks for
    assert ours - spared == pytest.approx(counted(model, length), rel=0.001)
    assert hardware_flops(flops) == training_flops(flops)


def test_packed_documents_see_only_themselves():
    assert mean_keys([4]) == 2.5  # 1 + 2 + 3 + 4 pairs over 4 tokens
    assert mean_keys([2, 2]) == 1.5
    assert mean_keys([3, 1]) == 7 / 4
    assert mean_keys([]) == 0


def test_experts_that_rest_cost_nothing_and_dense_layers_between_count_as_dense():
    few = {"moe_intermediate_size": 32, "num_experts_per_tok": 2, "decoder_sparse_step": 2}
    config = Qwen3MoeConfig(**TINY, **few, num_experts=8, head_dim=16)
    flops = token_flops(config, 10)
    # layers 0 and 2 are dense (3 matrices of 64 x 96), layer 1 has two of eight experts (3 of 64 x 32) and a router
    assert flops.mlp == 2 * (3 * 2 * 64 * 96) + 2 * (3 * 2 * 64 * 32)
    assert flops.router == 2 * 64 * 8
    more = token_flops(Qwen3MoeConfig(**TINY, **few, num_experts=16, head_dim=16), 10)
    assert more.mlp == flops.mlp


def test_a_network_that_is_only_read_stops_at_the_readout_layer():
    config = LlamaConfig(**TINY)
    whole, read = token_flops(config, 10), token_flops(config, 10, layers=2)
    assert read.layers == pytest.approx(whole.layers * 2 / 3)
    assert read.lm_head == 0 and token_flops(config, 10, layers=3) == whole
    assert token_flops(config, 10, lm_head_share=0.25).lm_head == whole.lm_head / 4


def test_attention_that_is_not_counted_is_refused():
    config = LlamaConfig(**TINY)
    config.layer_types = ["linear_attention"] * 3
    with pytest.raises(ValueError, match="linear_attention"):
        token_flops(config, 10)
