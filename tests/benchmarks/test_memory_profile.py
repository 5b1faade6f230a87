"""The memory profile of a tiny network, against sizes that follow from its shape."""

import pytest

from pixel.benchmarks.memory_profile import memory_profile


@pytest.fixture(scope="module")
def full():
    return memory_profile("tiny:llama", rank=0, length=128)


def test_full_training_has_a_gradient_a_weight_and_two_moments(full):
    totals = full["totals_mib"]
    assert totals["gradients"] == pytest.approx(totals["weights"], rel=0.01)
    assert totals["optimizer"] == pytest.approx(2 * totals["weights"], rel=0.01)
    for name in ("trunk", "head clinical", "head eq"):
        row = full["components"][name]
        assert row["gradients"] == pytest.approx(row["weights"], abs=0.02)
        assert row["activations"] > 0, name


def test_logits_are_rows_times_tokens_times_words_twice(full):
    assert full["logits_mib"] == pytest.approx(full["tokens"] * 320 * 4 * 2 / 2**20, rel=0.2)


def test_lora_is_suggested_where_all_is_trained_and_not_where_it_is_on(full):
    settings = [s["setting"] for s in full["suggestions"]]
    adapters = memory_profile("tiny:llama", rank=4, length=128)
    assert not any("lora" in s["setting"] for s in adapters["suggestions"])
    assert adapters["components"]["trunk"]["gradients"] == 0 < adapters["components"]["adapters"]["gradients"]
    assert set(settings) >= {"optim: adamw_8bit"}
