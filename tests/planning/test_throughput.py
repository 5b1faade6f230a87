import pytest
from transformers import AutoConfig
from trl.trainer.utils import compute_flops_per_token

from pixel.monitoring.mfu import peak_flops
from pixel.planning.architecture import config_of
from pixel.planning.hardware import devices
from pixel.planning.throughput import checkpoint_bytes, flops_of, forward_flops, throughput, traffic
from tests.planning.shapes import SPARSE, TINY, setup


@pytest.mark.parametrize("model", ["Qwen/Qwen3-30B-A3B", "Qwen/Qwen3-8B", "meta-llama/Llama-3.2-1B"])
def test_operations_are_counted_as_trl_counts_them(model):
    config = config_of(model)
    given = {name: value for name, value in config.items() if name != "model_type"}
    theirs = compute_flops_per_token(AutoConfig.for_model(config["model_type"], **given), 4096)
    assert 3 * forward_flops(setup(model, length=4096)).forward == pytest.approx(theirs, rel=1e-4)


def test_the_target_takes_27_9_gflop_a_token_at_4k():
    assert flops_of(setup(length=4096))[0] / 1e9 == pytest.approx(27.9, abs=0.05)


def test_a_small_model_is_counted_as_by_hand():
    planned = setup(TINY, "cpu", length=100, turns=5, lora_rank=2, checkpointing=True)
    # two layers of attention (288 weights) and MLP (288), and an LM head of 80, 2 FLOPs a weight; scores over 100 keys
    weights, scores, adapters = 2 * (2 * 576 + 80), 2 * 4 * 4 * 3 * 100, 2 * planned.adapters
    heads = 3 * 2 * planned.heads.parameters(8) * 5 / 100
    model, done = flops_of(planned)
    # frozen weights have no gradient of their own: two products of three; scores have no weights
    assert model == pytest.approx(2 * weights + 3 * scores + 3 * adapters + heads)
    assert done - model == pytest.approx(weights - 2 * 80 + scores + adapters)  # the layers once more, not the LM head


def test_layers_with_and_without_experts_are_told_apart():
    sparse, mixed = (forward_flops(setup(SPARSE | {"mlp_only_layers": dense}, "cpu")) for dense in ([], [0]))
    assert (sparse.router, mixed.router) == (2 * 2 * 48, 2 * 48)  # 6 experts x 8
    assert mixed.mlp == 2 * (2 * 3 * 8 * 5 + 288)  # two experts of three maps of 8 x 5; a dense MLP of 288 weights


@pytest.mark.parametrize(
    ("device", "name"),
    [("a100-80gb", "NVIDIA A100-SXM4-80GB"), ("h100", "NVIDIA H100 80GB HBM3"), ("h200", "NVIDIA H200"),
     ("l40s", "NVIDIA L40S")],
)  # fmt: skip
def test_a_plan_and_a_run_know_the_same_peak(device, name):
    assert devices()[device].bf16 == peak_flops(name, "bfloat16")


def test_zero3_sends_the_weights_twice_and_the_gradients_once_a_micro_batch():
    planned = setup(TINY, "4xh100")
    all_parameters = planned.architecture.total + planned.heads.parameters(8)
    assert traffic(planned) == (pytest.approx(0.75 * 2 * 3 * all_parameters), 0.0)


def test_ddp_sends_gradients_once_a_step_there_and_back():
    planned = setup(TINY, "4xh100", sharding="ddp", accumulation=8)
    all_parameters = planned.architecture.total + planned.heads.parameters(8)
    assert traffic(planned) == (0.0, pytest.approx(0.75 * 2 * 2 * all_parameters))


def test_the_interval_holds_the_public_figures_of_the_target():
    """90 and 853 tokens/s a GPU on 16 A100 (ms-swift with ZeRO-3, and Megatron)."""
    planned = setup(hardware="2x8xa100-80gb", checkpointing=False, rows=8)
    slow, likely, fast = throughput(planned).tokens_per_second
    assert slow / 16 <= 90 <= likely / 16 <= 853 <= fast / 16


def test_a_network_between_nodes_slows_and_offloading_does_too():
    one, two = (throughput(setup(hardware=machines)) for machines in ("8xh100", "2x4xh100"))
    assert two.communication > 5 * one.communication
    away = throughput(setup(offload="optimizer"))
    assert away.offload > 0 and away.seconds[1] > throughput(setup()).seconds[1]


def test_slowest_likely_fastest_are_in_order_and_rates_are_tokens_over_seconds():
    found = throughput(setup(rows=2, length=1000, accumulation=3))
    slow, likely, fast = found.seconds
    assert slow > likely > fast > 0
    assert found.tokens == 8 * 2 * 1000 * 3
    assert found.tokens_per_second[1] == pytest.approx(48000 / likely)


def test_a_full_checkpoint_of_the_target_takes_427_gb():
    assert checkpoint_bytes(setup())["checkpoint"] / 1e9 == pytest.approx(427.4, abs=0.6)


def test_a_checkpoint_of_adapters_is_small():
    assert checkpoint_bytes(setup(lora_rank=16))["checkpoint"] < 1e9
