"""The benchmarks run on a tiny network and give the figures they promise. No time is asserted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import Dataset

from pixel.benchmarks.conversations import batches_of, labelled_examples
from pixel.benchmarks.gram_fidelity import fidelity_markdown, gram_fidelity, trunk_below
from pixel.benchmarks.linear_probe import fit_logits, score
from pixel.benchmarks.packing_rate import rows_to_fill
from pixel.benchmarks.readout_layers import readout_layers, readout_markdown
from pixel.benchmarks.stepping import Stepper, build_trainer, model_arguments
from pixel.benchmarks.turn_features import turn_features
from pixel.data.examples import encode_dataset
from pixel.data.schema import conversation, features
from pixel.models.labels import FIELDS, OBJECTIVES
from pixel.training import ModelArguments, load_pixel

ROOT = Path(__file__).resolve().parents[2]
WORDS = {0.0: "the train leaves at noon and the tea is warm", 1.0: "I cannot sleep, I cannot breathe, help me"}


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    return load_pixel(ModelArguments(model_name_or_path="tiny:llama", model_dtype="float32", head_hidden_size=8))


def posts(first: int, count: int) -> Dataset:
    """Single posts whose distress label decides their words."""
    rows = [
        conversation(
            [{"role": "user", "content": f"{WORDS[float(number % 2)]} {number}"}],
            id=str(number),
            source="dreaddit",
            licence="none",
            distress=[float(number % 2)],
        )
        for number in range(first, first + count)
    ]
    return Dataset.from_list(rows, features=features())


# ── batches ──


def test_every_batch_holds_a_label_for_every_objective(tiny):
    tokenizer, network = tiny
    examples = labelled_examples(tokenizer, 256, 4)
    assert len(examples) == 4
    for example in examples:
        assert len(example["input_ids"]) <= 256
        found = {FIELDS[n].objective for n in FIELDS if example.get(n) and any(x is not None for x in example[n])}
        assert found == set(OBJECTIVES) - {"language"}
        assert any(token != -100 for token in example["labels"])


def test_batches_start_over_where_the_rows_run_out():
    batches = batches_of(Dataset.from_dict({"x": [0, 1, 2]}), 2, 3)
    assert [[row["x"] for row in batch] for batch in batches] == [[0, 1], [2, 0], [1, 2]]


def test_as_many_padded_rows_are_taken_as_fit():
    assert rows_to_fill([100] * 50, 1024) == 10  # rows of one length: 1024 // 100
    assert rows_to_fill([5000] * 3, 1024) == 1


# ── a step through the real trainers ──


@pytest.fixture(scope="module")
def steppers(tiny):
    arguments = model_arguments("tiny:llama", rank=2, model_dtype="float32", head_dropout=0.0)
    examples = labelled_examples(tiny[0], 256, 2)
    names = ("trl", "sum", "torchjd")
    return {name: Stepper(build_trainer(name, arguments, examples, 2, 256)) for name in names}, list(examples)


def test_both_trainers_see_the_same_tokens_and_learn_the_same_ones(steppers):
    steppers, rows = steppers
    ours, theirs = steppers["sum"].collate(rows), steppers["trl"].collate(rows)
    assert torch.equal(ours["input_ids"], theirs["input_ids"])
    assert torch.equal(ours["labels"], theirs["labels"])


def test_both_trainers_start_from_the_same_backbone(steppers):
    steppers, _ = steppers
    ours, theirs = (steppers[name].trainer.model.get_base_model().model for name in ("sum", "trl"))
    assert torch.equal(ours.embed_tokens.weight, theirs.embed_tokens.weight)
    assert torch.equal(ours.layers[0].mlp.up_proj.weight, theirs.layers[0].mlp.up_proj.weight)
    assert ours.is_gradient_checkpointing is theirs.is_gradient_checkpointing is False


def test_all_of_them_adapt_the_same_modules(steppers):
    steppers, _ = steppers
    adapted = [
        {name for name, p in stepper.trainer.model.named_parameters() if "lora_" in name and p.requires_grad}
        for stepper in steppers.values()
    ]
    assert len(adapted[0]) == 4 * 4 * 2  # layers, projections, A and B
    assert adapted[0] == adapted[1] == adapted[2]


@pytest.mark.parametrize("name", ["trl", "sum", "torchjd"])
def test_a_step_moves_the_adapters_and_nothing_of_the_backbone(steppers, name):
    steppers, rows = steppers
    model = steppers[name].trainer.model
    before = {key: value.detach().clone() for key, value in model.named_parameters()}
    assert steppers[name].step(rows) > 0
    moved = {key for key, value in model.named_parameters() if not torch.equal(value, before[key])}
    assert any("lora_B" in key for key in moved)
    assert all("lora_" in key or "modules_to_save" in key for key in moved)


# ── where to read ──


def test_states_of_the_readout_layer_are_what_the_heads_would_read(tiny):
    tokenizer, network = tiny
    examples = encode_dataset(posts(0, 3), tokenizer, 128)
    layer = network.config.readout_layer
    found = turn_features(network, examples, ["distress"], [layer], ["mean", "last"], tokenizer.pad_token_id)
    for row, example in enumerate(sorted(examples, key=lambda x: len(x["input_ids"]))):
        with torch.no_grad():
            hidden = network.hidden_at_readout(torch.tensor([example["input_ids"]]))[0]
        first, last = example["turn_spans"][0]
        np.testing.assert_allclose(found.states[layer, "mean"][row], hidden[first : last + 1].mean(0), atol=1e-5)
        np.testing.assert_allclose(found.states[layer, "last"][row], hidden[last], atol=1e-5)
        assert found.counts[row].sum() == last - first + 1
    assert found.targets["distress"].shape == (3, 1)


def test_a_layer_outside_the_depth_is_named(tiny):
    tokenizer, network = tiny
    with pytest.raises(ValueError, match=r"\[9\] are outside 1..4"):
        turn_features(network, encode_dataset(posts(0, 2), tokenizer, 64), ["distress"], [9], ["mean"], 0)


def test_the_readout_table_has_every_layer_and_pooling_and_finds_easy_words(tiny):
    tokenizer, network = tiny
    corpora = {"dreaddit": (posts(0, 40), posts(40, 20))}
    result = readout_layers(network, tokenizer, corpora, [1, 3], ["mean", "last"])
    table = result["corpora"]["dreaddit"]["table"]
    assert set(table) == {"1", "3"} and set(table["1"]) == {"mean", "last", "mean+lexical"}
    assert result["corpora"]["dreaddit"]["turns"] == [40, 20]
    assert result["corpora"]["dreaddit"]["lexical"] == 1.0  # the words give the label away
    assert result["best"]["value"] == max(table[layer][kind] for layer in table for kind in ("mean", "last"))
    assert readout_markdown(result).count("**") == 4  # the best cell of the corpus, and of the mean
    json.dumps(result)


def test_an_ordinal_probe_has_a_logit_for_each_step_and_ranks_levels():
    generator = np.random.default_rng(0)
    levels = np.arange(90) % 3
    states = generator.normal(size=(90, 4)) * 0.1 + levels[:, None]
    (logits,) = fit_logits("explorations", states, levels, [states], strength=1.0)
    assert logits.shape == (90, 2)
    assert score("explorations", "epitome", logits, levels, "macro_f1") > 0.9
    assert score("explorations", "epitome", -logits, levels, "macro_f1") < 0.4


def test_a_ridge_probe_recovers_a_linear_score():
    generator = np.random.default_rng(0)
    states = generator.normal(size=(200, 3))
    vad = 0.5 + states @ generator.normal(size=(3, 3)) * 0.02
    (predicted,) = fit_logits("vad", states, vad, [states], strength=1.0)
    assert score("vad", "emobank", predicted, vad, "pearson", regression=True) > 0.99


# ── fidelity ──


def test_fidelity_compares_all_pairs_and_the_lora_probes_agree():
    result = gram_fidelity("tiny:llama", batches=2, batch_size=1, length=256, warm_up=1)
    sources = result["sources"]
    assert set(sources) == {"representation", "summed", "fork_3", "sweep", "replicated"}  # three layers below the fork
    for source in sources.values():
        assert source["pairs"] == 2 * 10  # five objectives: ten pairs a batch
        assert 0 <= source["sign_agreement"] <= 1 and -1 <= source["correlation"] <= 1
    for same in ("fork_3", "replicated"):
        assert sources["sweep"]["correlation"] == pytest.approx(sources[same]["correlation"], abs=1e-3), same
    assert "full parameters" in fidelity_markdown(result)
    json.dumps(result)


def test_the_trunk_below_the_readout_layer_has_neither_adapters_nor_layers_above(tiny):
    _, network = tiny
    below = trunk_below(network, 2)
    expected = [p for index in (0, 1) for p in network.model.layers[index].parameters()]
    assert len(below) == len(expected) and all(a is b for a, b in zip(below, expected, strict=True))


# ── the recipe ──


@pytest.mark.slow
def test_the_recipe_writes_ratios_to_trl(tmp_path):
    file = tmp_path / "step.json"
    command = ["recipes/benchmark.py", "step", "--model", "tiny:llama", "--steps", "2", "--json", str(file)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(file.read_text())
    assert set(result["ratio"]) == {"sum", "upgrad", "upgrad_lora", "torchjd", "memory", "packing"}
    assert all(value > 0 for value in result["ratio"].values())
    assert {"seconds", "device", "model"} <= set(result)
