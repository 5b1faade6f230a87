"""What the comparison of ranks calls the same, and what it refuses to compare."""

from pathlib import Path

import pytest
import torch

from pixel.benchmarks.distributed.all_fields import rows_of_all_fields
from pixel.benchmarks.distributed.launching import Outcome, surroundings
from pixel.benchmarks.distributed.rank_equality import (
    CONTROL,
    TOLERANCE,
    apart,
    compare,
    rank_equality_markdown,
    require,
)
from pixel.models.labels import FIELDS

BEGIN = {"a": torch.zeros(2), "b": torch.ones(1)}
MOVED = {"a": torch.tensor([0.5, 0.0]), "b": torch.ones(1)}


def test_every_field_is_labelled_in_every_step_and_some_on_one_rank_only():
    rows, lonely = rows_of_all_fields(), set()
    for name in FIELDS:
        labelled = [labels is not None for labels in rows[name]]
        assert any(labelled[:16]) and any(labelled[16:]) and not all(labelled), name
        if any(labelled[:8]) != any(labelled[8:16]):
            lonely.add(name)
    assert lonely


def test_a_difference_counts_as_a_share_of_the_largest_movement():
    near = {"a": torch.tensor([0.5, 0.00001]), "b": torch.ones(1)}  # 1e-5 of a movement of 0.5: 2e-5
    found = compare(MOVED, near, BEGIN)
    assert found["moved"] == 0.5 and found["apart"] == pytest.approx(1e-5) and found["share"] == pytest.approx(2e-5)
    assert found["share_l2"] == pytest.approx(2e-5)  # one number is apart, another one moved
    assert found["same"] and found["share"] < TOLERANCE
    assert not compare(MOVED, {"a": torch.tensor([0.5, 0.001]), "b": torch.ones(1)}, BEGIN)["same"]
    assert not compare(BEGIN, BEGIN, BEGIN)["same"]  # nothing moved: nothing was shown


def test_other_names_are_no_small_difference():
    with pytest.raises(RuntimeError, match="different names"):
        apart(BEGIN, {"a": torch.zeros(2)})


def outcome(**facts) -> Outcome:
    rank = {"type": "FSDP", "processes": 2, "parameters_are": "Model: DTensor", "fields": list(FIELDS)} | facts
    return Outcome(Path(), [rank, rank], {}, {})


def test_a_run_as_something_else_is_an_error_and_no_row():
    require(outcome(), "fsdp2", "FSDP", "DTensor")
    for wrong in ({"type": "MULTI_CPU"}, {"processes": 1}, {"parameters_are": "Model: whole"}):
        with pytest.raises(RuntimeError, match="fsdp2 ran as"):
            require(outcome(**wrong), "fsdp2", "FSDP", "DTensor")
    with pytest.raises(RuntimeError, match="no loss of vad"):
        require(outcome(fields=[name for name in FIELDS if name != "vad"]), "fsdp2", "FSDP", "DTensor")


def test_a_launch_hears_nothing_of_another_launch(monkeypatch, tmp_path):
    (tmp_path / "op").mkdir()
    (tmp_path / "op" / "lock").touch()
    for name in ("ACCELERATE_USE_CPU", "FSDP_VERSION", "RANK", "MASTER_PORT"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("TORCH_EXTENSIONS_DIR", str(tmp_path))
    found = surroundings()
    assert not {"ACCELERATE_USE_CPU", "FSDP_VERSION", "RANK", "MASTER_PORT"} & found.keys()
    assert found["OMP_NUM_THREADS"] == "1" and not (tmp_path / "op" / "lock").exists()


def test_the_table_says_bitwise_only_of_no_difference():
    row = {
        "way": "ddp", "adaptation": "lora", "type": "MULTI_CPU", "parameters_are": "DDP: whole", "processes": 2,
        "fields": 25, "moved": 0.02, "apart": 3e-7, "share": 1.5e-5, "share_l2": 1e-6,
        "control_share": 0.0, "resumed_apart": 0.0, "reloaded_apart": 1e-6, "consolidated_apart": 1e-6,
    }  # fmt: skip
    assert "bitwise" in rank_equality_markdown([row])
    assert "bitwise" not in rank_equality_markdown([row | {"way": CONTROL}])  # it neither resumes nor reloads
    assert "bitwise" not in rank_equality_markdown([row | {"resumed_apart": 1e-9}])
