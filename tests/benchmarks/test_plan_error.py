"""The peak of a small network, measured and planned."""

from dataclasses import replace

import pytest
import torch

from pixel.benchmarks.peak_memory import Case, highest, labelled_rows, measure
from pixel.benchmarks.plan_error import MODELS, cases, compare, planned, summary
from pixel.models.labels import FIELDS
from pixel.monitoring.memory.live import live_tensors

SMALL = Case(
    "small",
    "llama",
    {
        "vocab_size": 3000, "hidden_size": 128, "intermediate_size": 352, "num_hidden_layers": 3, "head_dim": 32,
        "num_attention_heads": 4, "num_key_value_heads": 2, "tie_word_embeddings": True,
        "max_position_embeddings": 512,
    },
    rows=1,
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("lora", [0, 4])
def test_the_plan_is_within_a_tenth_of_what_was_measured(lora):
    case = replace(SMALL, lora=lora)
    row = compare(case, measure([case])[0])
    assert abs(row["allocated_error"]) < 0.1


def test_rows_have_exactly_the_length_and_every_label():
    rows = labelled_rows(2, 256)
    assert [len(ids) for ids in rows["input_ids"]] == [256, 256]
    assert set(FIELDS) <= set(rows.column_names)


def test_a_length_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="take a longer length"):
        labelled_rows(1, 32)


def test_the_highest_point_counts_what_is_alive_together():
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        first = torch.empty(2**20)
        del first
        second, third = torch.empty(2**19), torch.empty(2**18)
    assert highest(profile) == 2**22
    before = live_tensors()[0]
    shared = second.view(2, -1)
    assert live_tensors()[0] == before
    del second, third, shared
    assert live_tensors()[0] == before - 2**21 - 2**20


def test_five_models_are_trained_in_every_way():
    made = cases()
    assert len(MODELS) == 5 and len(made) == 20
    assert {(case.lora > 0, case.checkpointing) for case in made} == {(a, b) for a in (0, 1) for b in (0, 1)}
    assert {case.length for case in made} == {256, 512} and {case.weighting for case in made} == {"sum", "upgrad"}


def test_the_plan_sees_the_case_as_it_is_trained():
    case = next(case for case in cases() if case.name == "SmolLM2-135M" and case.lora)
    setup = planned(case)
    assert setup.architecture.total == 134_515_008
    assert (setup.lora_rank, setup.length, setup.rows, setup.dtype) == (16, 512, 2, "float32")


def test_the_summary_takes_the_largest_error_either_way():
    rows = [{"allocated_error": error, "resident_error": error / 2} for error in (-0.08, 0.02)]
    found = summary(rows)
    assert found["largest"] == {"allocated": 0.08, "resident": 0.04}
    assert found["mean"]["allocated"] == pytest.approx(0.05)
