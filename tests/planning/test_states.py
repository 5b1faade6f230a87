import pytest

from pixel.planning.estimators import deepspeed_estimate, largest_layer
from pixel.planning.hardware import GIB
from pixel.planning.states import buffers, states
from tests.planning.shapes import TINY, setup

QWEN = 30_532_122_624
"""Parameters of Qwen3-30B-A3B, as its index has them."""


def test_zero3_splits_sixteen_bytes_a_parameter():
    found = states(setup())
    heads = setup().heads.parameters(2048)
    assert found.total == pytest.approx(16 * (QWEN + heads) / 8, rel=1e-6)
    assert found.total / GIB == pytest.approx(56.9, abs=0.1)


def test_adapters_leave_the_weights_as_the_only_large_part():
    found = states(setup(lora_rank=16))
    assert found.weights / GIB == pytest.approx(7.1, abs=0.05)
    assert found.total - found.weights < 0.05 * found.weights


def test_optimizer_offload_moves_states_to_the_host():
    found = states(setup(offload="optimizer"))
    assert found.masters == found.optimizer == found.gradients == 0
    assert [size / GIB for size in found.host] == pytest.approx([341, 512, 682], rel=0.01)
    assert found.total / GIB == pytest.approx(7.1, abs=0.05)


def test_parameter_offload_leaves_nothing_that_stays_on_the_device():
    assert states(setup(offload="optimizer+parameters")).total == 0


@pytest.mark.parametrize(("sharding", "each"), [("zero1", 2 + 2 + 12 / 4), ("zero2", 2 + 14 / 4), ("zero3", 16 / 4)])
def test_each_stage_splits_one_thing_more(sharding, each):
    planned = setup(TINY, "4xh100", sharding=sharding)
    trained = planned.architecture.total + planned.heads.parameters(8)
    assert states(planned).total == pytest.approx(each * trained, abs=8)


@pytest.mark.parametrize(
    ("optimizer", "moments"), [("adamw_fused", 8), ("adamw", 8), ("adamw_8bit", 2 * (1 + 4 / 256)), ("sgd", 0)]
)
def test_moments_by_optimizer(optimizer, moments):
    planned = setup(TINY, "cpu", optimizer=optimizer, dtype="float32", bf16=False)
    trained = planned.architecture.total + planned.heads.parameters(8)
    assert states(planned).optimizer == pytest.approx(moments * trained, abs=1)


def test_without_deepspeed_the_moments_have_the_weights_dtype_and_heads_are_float32():
    planned = setup(TINY, "cpu", dtype="bfloat16", bf16=False)
    found, total, heads = states(planned), planned.architecture.total, planned.heads.parameters(8)
    assert (found.weights, found.heads, found.gradients) == (2 * total, 4 * heads, 2 * total + 4 * heads)
    assert found.optimizer == 2 * found.gradients and found.masters == 0


def test_adapters_keep_the_untrained_heads_too():
    planned = setup(TINY, "cpu", dtype="float32", bf16=False, lora_rank=2)
    heads = planned.heads.parameters(8)
    # rank 2 on maps of 8 to 12, 8 to 6, 8 to 6 and 12 to 8, in two layers
    assert planned.adapters == 2 * 2 * (20 + 14 + 14 + 20)
    assert states(planned).heads == 2 * 4 * heads
    assert states(planned).gradients == 4 * (planned.adapters + heads)


def test_ddp_holds_every_gradient_twice():
    planned = setup(TINY, "2xcpu", sharding="ddp", dtype="float32", bf16=False)
    assert buffers(planned) == {"DDP buckets": states(planned).gradients}


def test_zero3_gathers_a_layer_and_the_experts_fetched_ahead():
    planned = setup()
    layer, gate_up = 623_120_640, 128 * 2 * 768 * 2048  # a layer's parameters by hand, and its largest one
    assert sum(planned.architecture.layer_parameters(True).values()) == layer
    assert buffers(planned)["gathered weights"] == 2 * min(layer + gate_up, 10**9)
    assert buffers(planned)["reduction bucket"] == 2 * 500_000_000


def test_zero3_keeps_a_small_network_gathered_until_it_comes_back():
    small = setup(TINY, "4xh100")
    assert buffers(small)["gathered weights"] == 2 * (small.architecture.total + small.heads.parameters(8))
    kept = setup("Qwen/Qwen3-8B", prefetch=0, checkpointing=False)  # its embedding has 622 million, a layer 193
    assert buffers(kept)["gathered weights"] == 2 * 151936 * 4096
    short = setup("meta-llama/Llama-3.2-1B", prefetch=0, checkpointing=False)  # 1.2 billion, embedding 263 million
    assert buffers(short)["gathered weights"] == 2 * 500_000_000


def test_fsdp2_trains_in_float32_shards():
    planned = setup(TINY, "4xh100", sharding="fsdp2")
    trained = planned.architecture.total + planned.heads.parameters(8)
    assert states(planned).total == pytest.approx(16 * trained / 4, abs=8)


@pytest.mark.parametrize("hardware", ["8xa100-80gb", "2x8xh100"])
def test_the_estimate_is_deepspeeds_own(hardware):
    stage3 = pytest.importorskip("deepspeed.runtime.zero.stage3")
    planned = setup(hardware=hardware)
    for offload, row in deepspeed_estimate(planned).items():
        host, gpu, _ = stage3.estimate_zero3_model_states_mem_needs(
            QWEN,
            largest_layer(planned.architecture),
            num_gpus_per_node=8,
            num_nodes=planned.machines.nodes,
            cpu_offload=offload != "none",
            cpu_offload_params=offload == "optimizer+parameters",
        )
        assert (row["gpu"], row["host"]) == (gpu, host)
    if hardware == "8xa100-80gb":
        assert 65 < deepspeed_estimate(planned)["none"]["gpu"] / GIB < 67
