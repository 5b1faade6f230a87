"""Rules on made observations; `test_resource_watch` brings the conditions about for real."""

import re

import pytest

from pixel.monitoring.bottleneck import RULES, Observation, find

GIB = 2.0**30
HELD_UP = {
    "data_bound": ({"shares": {"data": 0.4}, "cores": 8}, "40% .*dataloader_num_workers"),
    "padding_heavy": ({"padding": 0.35}, "35% of the tokens are padding.*packing"),
    "small_batches": (
        {"accelerator": True, "tokens": 512, "resources": {"gpu_percent": 40}}, "busy 40%.*train_batch_size",
    ),
    "communication_bound": ({"shares": {"communication": 0.5}}, "50% .*gradient_accumulation_steps"),
    "memory_near_limit": ({"resources": {"memory_used_share": 0.95}}, "95% of the memory"),
    "gpu_memory_near_limit": (
        {"resources": {"gpu_memory_bytes": 79.5 * GIB, "gpu_memory_limit_bytes": 80 * GIB}}, "99% of the GPU memory",
    ),
    "slow_disk": ({"shares": {"saving": 0.3}, "resources": {"disk_write_rate": 5 * 2**20}}, "30% .*5 MiB/s"),
    "disk_nearly_full": (
        {"resources": {"disk_free_bytes": 2 * GIB, "disk_used_share": 0.99}}, "2.0 GiB of disk.*save_total_limit",
    ),
    "throttled": (
        {"resources": {"gpu_throttle": 0x20, "gpu_clock_mhz": 990, "gpu_clock_max_mhz": 1980}}, "thermal.*50% below",
    ),
    "hot": ({"resources": {"gpu_celsius": 91}}, "91 degrees"),
    "gpu_memory_errors": ({"resources": {"gpu_ecc_errors": 3}}, "3 uncorrected"),
    "straggler": ({"own_seconds": [1.0, 1.0, 1.6, 1.1]}, "rank 2 needs 1.6 s a step and the others 1 s"),
    "too_many_threads": ({"threads": 4, "processes": 2, "cores": 4}, "2 processes of 4 threads.*OMP_NUM_THREADS=2"),
    "crowded": ({"cores": 2, "resources": {"load_per_core": 3, "process_cpu_percent": 60}}, "gets 0.6 of 2"),
    "throughput_drop": ({"steps_per_second": 1.0, "usual_steps_per_second": 2.0}, "1 steps a second, 2 before"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HELD_UP)
def test_each_condition_is_named_with_its_mend(kind):
    given, says = HELD_UP[kind]
    (found,) = find(Observation(**given))
    assert found.kind == kind and 0 < found.weight < 1
    assert "Mend: " in found.message and "\n" not in found.message
    assert re.search(says, found.message), found.message


def test_every_rule_has_a_case():
    assert len(RULES) == len(HELD_UP) - 1  # one rule speaks of host and GPU memory


def test_a_run_that_nothing_holds_up():
    well = Observation(
        shares={"forward": 0.3, "backward": 0.55, "data": 0.02, "communication": 0.08, "saving": 0.05},
        padding=0.03, tokens=8192, accelerator=True, threads=8, processes=1, cores=16,
        resources={"gpu_percent": 97, "memory_used_share": 0.4, "disk_free_bytes": 900 * GIB, "gpu_celsius": 65,
                   "disk_used_share": 0.98, "gpu_memory_bytes": 70 * GIB, "gpu_memory_limit_bytes": 80 * GIB,
                   "gpu_throttle": 0, "load_per_core": 0.6},
        own_seconds=[1.0, 1.1, 1.05], steps_per_second=1.9, usual_steps_per_second=2.0,
    )  # fmt: skip
    assert find(well) == []


def test_the_worst_comes_first():
    seen = Observation(shares={"data": 0.2, "communication": 0.6}, padding=0.3)
    assert [finding.kind for finding in find(seen)] == ["communication_bound", "padding_heavy", "data_bound"]


def test_waiting_for_data_is_not_a_small_batch():
    seen = Observation(shares={"data": 0.5}, accelerator=True, tokens=512, resources={"gpu_percent": 40})
    assert [finding.kind for finding in find(seen)] == ["data_bound"]
