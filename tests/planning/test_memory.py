from dataclasses import replace

import pytest

from pixel.planning import Machines, memory
from pixel.planning.hardware import GIB, devices
from tests.planning.shapes import TINY, setup


def test_parts_add_up_to_the_fullest_moment():
    found = memory(setup())
    assert found.allocated == sum(found.peak.parts.values()) == max(moment.total for moment in found.moments)


def test_full_training_of_the_target_is_tighter_than_its_states_and_adapters_are_not():
    full, adapters = memory(setup()), memory(setup(lora_rank=16))
    assert 57 * GIB < full.interval[0] < full.interval[1] < full.interval[2] < 80 * GIB
    assert adapters.interval[2] < 20 * GIB


@pytest.mark.parametrize("rank", [0, 16])
@pytest.mark.parametrize("model", ["Qwen/Qwen3-0.6B", "HuggingFaceTB/SmolLM2-135M-Instruct"])
def test_computing_again_never_costs_memory_and_more_tokens_always_do(model, rank):
    planned = setup(model, "h100", lora_rank=rank, checkpointing=False, rows=4)
    kept = memory(planned).allocated
    assert memory(replace(planned, checkpointing=True)).allocated <= kept
    assert memory(replace(planned, rows=8)).allocated > kept
    assert memory(replace(planned, length=8192)).allocated > kept


def test_every_stage_of_zero_takes_less_than_the_one_before():
    sizes = [memory(setup("Qwen/Qwen3-8B", sharding=sharding)).allocated for sharding in ("zero1", "zero2", "zero3")]
    assert sizes == sorted(sizes, reverse=True)


def test_more_micro_batches_hold_the_gradients_while_the_loss_is_taken():
    one = memory(setup("Qwen/Qwen3-0.6B", "h100", rows=8))
    two = memory(setup("Qwen/Qwen3-0.6B", "h100", rows=8, accumulation=2))
    gained = two.moments[0].total - one.moments[0].total
    assert gained == pytest.approx(2 * one.moments[0].parts["weights"] / 2, rel=0.05)


def test_a_tiny_step_is_the_sum_made_by_hand():
    planned = setup(TINY, "cpu", dtype="float32", bf16=False, rows=1, length=9, turns=1, packed=False)
    step = next(moment for moment in memory(planned).moments if moment.name == "optimizer step")
    trained = 1352 + planned.heads.parameters(8)  # see test_architecture: 160 + 2 * 592 + 8
    assert step.total == 16 * trained


@pytest.mark.parametrize(("gib", "verdict"), [(1000.0, "fits"), (1.0, "does not fit")])
def test_the_verdict_compares_with_the_device(gib, verdict):
    device = replace(devices()["h100"], memory_gib=gib)
    planned = replace(setup("Qwen/Qwen3-8B", "8xh100"), machines=Machines(device, 1, 8))
    found = memory(planned)
    assert found.verdict == verdict
    assert (found.margin > 0) == (verdict == "fits")


def test_between_the_likely_and_the_most_is_tight():
    planned = setup("Qwen/Qwen3-8B", "8xh100", checkpointing=False, rows=2)
    likely, most = memory(planned).interval[1:]
    device = replace(planned.machines.device, memory_gib=(likely + most) / 2 / GIB)
    assert memory(replace(planned, machines=Machines(device, 1, 8))).verdict == "tight"
