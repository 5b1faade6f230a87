"""The whole of the GPU measurement, on tiny shapes and a CPU."""

import json

import pytest
import torch

from pixel.benchmarks.speed import gpu as measured
from pixel.benchmarks.speed.gpu import document_lengths, gpu
from pixel.benchmarks.speed.shapes import SPARSE, TINY_DENSE, TINY_SPARSE, Shape, largest_that_fits, smaller
from pixel.benchmarks.speed.zero3 import zero3_command


def test_without_cuda_it_refuses_in_one_line(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit, match="^error: no CUDA device here.* Mend: [^\n]*$"):
        gpu()


def test_shapes_are_those_of_qwen3():
    assert smaller(SPARSE).__next__() == SPARSE
    tried = [(shape.layers, shape.experts) for shape in smaller(SPARSE)]
    assert tried == [(48, 128), (24, 128), (12, 128), (6, 128), (4, 128), (4, 64), (4, 32), (4, 16), (4, 8)]
    assert SPARSE.config().num_experts_per_tok == 8 and SPARSE.config().model_type == "qwen3_moe"
    weights = 48 * (128 * 3 * 2048 * 768 + 2 * 2048 * 32 * 128 + 2 * 2048 * 4 * 128 + 128 * 2048) + 2 * 151_936 * 2048
    assert weights == pytest.approx(30.5e9, rel=0.01)  # what its name says


def test_the_largest_shape_that_fits_is_found_by_halving():
    def attempt(shape: Shape):
        if shape.layers > 6 or shape.experts > 64:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return "fits"

    shape, made = largest_that_fits(SPARSE, attempt)
    assert (shape.layers, shape.experts, made) == (4, 64, "fits")
    with pytest.raises(RuntimeError, match="not even"):
        largest_that_fits(SPARSE, lambda shape: (_ for _ in ()).throw(torch.OutOfMemoryError("no")))


def test_documents_are_counted_where_positions_restart():
    assert document_lengths([0, 1, 2, 0, 0, 1]) == [3, 1, 2]


@pytest.mark.slow
def test_the_whole_measurement_runs_on_tiny_shapes(tmp_path, monkeypatch):
    monkeypatch.setattr(measured, "zero3_run", lambda repository, timeout: {"finished": True, "timeout": timeout})
    file = tmp_path / "gpu.json"
    found = gpu("cpu", TINY_DENSE, TINY_SPARSE, rounds=2, warm_up=0, length=512, rows=1, output=file)
    assert json.loads(file.read_text()) == found
    ways = ["trl sdpa", "pixel sdpa", "pixel varlen"]
    for part in ("dense", "sparse"):
        assert found[part]["failed"] == {} and list(found[part]["tokens_per_second"]) == ways
        assert all(rate > 0 for rate in found[part]["tokens_per_second"].values())
        assert set(found[part]["ratio"]) == {"pixel sdpa", "pixel varlen"}
        assert found[part]["mfu"] == dict.fromkeys(ways)  # a CPU has no peak in the table
    whole, adapters = (found[part]["trained_weights"]["trl sdpa"] for part in ("dense", "sparse"))
    assert whole > adapters > 0  # all weights, and LoRA's alone
    assert found["sparse"]["shape"]["experts"] == 8 and found["zero3"]["finished"]


def test_the_zero3_run_is_the_recipe_on_one_process(tmp_path):
    command = zero3_command(tmp_path, tmp_path / "model", steps=7)
    assert command[command.index("--num_processes") + 1] == "1" and command[command.index("--zero_stage") + 1] == "3"
    assert command[command.index("--max_steps") + 1] == "7"
    assert str(tmp_path / "recipes" / "train.py") in command
