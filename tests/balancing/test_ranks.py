import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.testing import assert_close

from tests.balancing.rank_script import NOT_FINITE_STEP, RUNS, train

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def two_ranks(tmp_path_factory) -> list[dict]:
    folder = tmp_path_factory.mktemp("ranks")
    command = [sys.executable, "-m", "tests.balancing.rank_script", str(folder)]
    processes = []
    for rank in range(2):
        surroundings = os.environ | {
            "RANK": str(rank),
            "WORLD_SIZE": "2",
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(ROOT),
            "GLOO_SOCKET_IFNAME": "lo",
        }
        processes.append(subprocess.Popen(command, cwd=ROOT, env=surroundings, stderr=subprocess.PIPE, text=True))
    try:
        errors = [process.communicate(timeout=120)[1] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], "\n".join(errors)
    return [torch.load(folder / f"rank{rank}.pt", weights_only=True) for rank in range(2)]


@pytest.mark.parametrize("name", RUNS)
def test_two_ranks_train_as_one_process_on_the_whole_batch(two_ranks, name):
    alone, together = train(name), two_ranks[0][name]
    # The Gram matrix is float32, and the ranks add it in another order: weights agree to 1e-4.
    assert_close(together["weights"], alone["weights"], atol=1e-4, rtol=1e-4)
    for key, value in alone["parameters"].items():
        assert_close(together["parameters"][key], value, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", RUNS)
def test_ranks_agree_on_every_weight_to_the_last_bit(two_ranks, name):
    first, second = (results[name] for results in two_ranks)
    assert torch.equal(first["weights"], second["weights"])
    assert all(torch.equal(value, second["parameters"][key]) for key, value in first["parameters"].items())


def test_weights_matter_in_every_run_but_the_plain_sum(two_ranks):
    for name, result in two_ranks[0].items():
        assert ((result["weights"] - 1).abs().max() > 0.05) == (name != "monitored_sum"), name


def test_one_ranks_infinity_makes_every_rank_uniform(two_ranks):
    for results in two_ranks:
        assert results["immediate"]["weights"][NOT_FINITE_STEP].tolist() == [1.0] * 5
        assert results["immediate"]["fallbacks"] == 1


def test_ranks_are_summed_which_is_the_square_of_the_world_size_times_the_whole(two_ranks):
    # Each rank's mean loss is over half the samples, so each of its gradients is twice those of the whole batch.
    whole, together = train("monitored_sum")["gram"], two_ranks[0]["monitored_sum"]["gram"]
    assert_close(together, 4 * whole, atol=1e-6, rtol=1e-4)


def test_the_reduction_has_a_process_group_of_its_own(two_ranks):
    assert two_ranks[0]["immediate"]["own_group"]
