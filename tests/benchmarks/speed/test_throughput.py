"""Throughput of the ways to train, on a network of a few thousand weights."""

import pytest
import torch

from pixel.benchmarks.speed.runner import Runner, padded_tokens, prepare_rows, real_tokens
from pixel.benchmarks.speed.throughput import throughput
from pixel.benchmarks.speed.variants import ABLATIONS, PIXEL, VARIANTS
from pixel.data.examples import encode_dataset
from pixel.data.seed import load_seed
from pixel.training import ModelArguments, load_pixel
from pixel.training.chat_tokenizer import byte_tokenizer


def build(dtype):
    torch.manual_seed(0)
    return load_pixel(ModelArguments(model_name_or_path="tiny:llama", head_dropout=0.0), dtype=torch.float32)


def test_each_ablation_changes_one_thing():
    for variant in ABLATIONS:
        changed = {
            name: value
            for name, value in vars(variant).items()
            if name not in ("name", "what", "options") and value != getattr(PIXEL, name)
        } | variant.options
        expected = 2 if variant.name in ("neither", "no_upgrad") else 1
        assert len(changed) == expected, variant.name


def test_tokens_are_counted_with_and_without_padding():
    rows = [[{"input_ids": [1] * 3}, {"input_ids": [1] * 5}], [{"input_ids": [1] * 2}]]
    assert real_tokens(rows) == 10 and padded_tokens(rows) == 12


@pytest.fixture(scope="module")
def prepared():
    examples = encode_dataset(load_seed(0.0)["train"].select(range(12)), byte_tokenizer(), 512)
    return prepare_rows(examples, 512)


@pytest.mark.parametrize("other", ["no_document_attention", "no_chunked_loss", "no_fused_optimizer"])
def test_an_optimisation_leaves_the_step_as_it_is(prepared, other):
    weights = []
    for name in ("pixel", other):
        runner = Runner(VARIANTS[name], build, prepared, length=512, rows=2, lora_rank=0)
        runner.step(runner.next_step())
        weights.append({key: value.detach().clone() for key, value in runner.model.named_parameters()})
    start = dict(build(None)[1].named_parameters())
    moved = 0.0
    for name, value in weights[0].items():
        torch.testing.assert_close(value, weights[1][name], atol=2e-6, rtol=0)  # a step of Adam moves 1e-5
        moved = max(moved, (value - start[name]).abs().max().item())
    assert moved == pytest.approx(1e-5, rel=0.1)


@pytest.mark.slow
def test_every_way_takes_a_step_in_each_round():
    rows = load_seed(0.0)["train"].select(range(30))
    names = ("pixel", "no_packing", "trl", "trl_grouped", "trl_packed")
    found = throughput("tiny:llama", rows, names=names, rounds=2, length=256, rows=2, lora_rank=4)
    speed = found["tokens_per_second"]
    assert set(speed) == set(names) and all(rate > 0 for rate in speed.values())
    assert found["padding"]["pixel"] < found["padding"]["trl"] and found["padding"]["trl_packed"] == 0
    assert found["best_trl"] in ("trl", "trl_grouped", "trl_packed") and found["ratio"]["rounds"] == 2
    assert set(found["over"]) == set(names) - {"pixel"} and found["lengths"]["most"] <= 256
