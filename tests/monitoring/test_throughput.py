"""Rates of what was trained on."""

import pytest
import torch

from pixel.monitoring.throughput import Counts, rates


def test_tokens_padding_rows_and_steps_a_second():
    counts = Counts(steps=4, rows=16, tokens=750, slots=1000, turns=80)
    assert rates(counts, 2.0) == {
        "steps_per_second": 2.0, "rows_per_second": 8.0, "tokens_per_second": 375.0, "padded_tokens_per_second": 500.0,
        "padding": 0.25, "turns_per_second": 40.0,
    }  # fmt: skip


def test_no_time_no_rates_and_no_tokens_no_token_rates():
    assert rates(Counts(steps=1), 0.0) == {}
    assert rates(Counts(steps=1, rows=2), 1.0) == {"steps_per_second": 1.0, "rows_per_second": 2.0}


def test_counts_add_up_and_are_read_at_the_end():
    total = Counts(tokens=torch.tensor(3), rows=1) + Counts(tokens=torch.tensor(4), rows=2)
    assert torch.is_tensor(total.tokens)
    assert total.numbers().values() == pytest.approx([0, 3, 7, 0, 0, 0, 0])
