"""Heads on a frozen trunk: states computed once, the trunk untouched, each head at its optimum."""

import pytest
import torch
from datasets import Dataset

from pixel.data.schema import features
from pixel.training.arguments import SettingError
from pixel.training.frozen import FrozenTrainer
from pixel.training.turn_cache import turn_states
from tests.training.parts import arguments, rows, tiny_network


@pytest.fixture
def frozen(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXEL_CACHE", str(tmp_path / "cache"))

    def make(**options) -> FrozenTrainer:
        tokenizer, network = tiny_network(head_hidden_size=0, **options)
        data = Dataset.from_list(rows(60), features=features())
        return FrozenTrainer(network, arguments(tmp_path / "out"), data, processing_class=tokenizer)

    return make


def test_the_second_run_reads_the_states_from_the_disk(frozen):
    first = frozen()
    first.train()
    second = frozen()
    calls = []
    second.pixel.model.register_forward_hook(lambda *_: calls.append(1))
    second.pixel.model.layers[0].register_forward_hook(lambda *_: calls.append(1))
    second.train()
    assert calls == []
    for name, parameter in first.pixel.named_parameters():
        assert torch.equal(parameter, dict(second.pixel.named_parameters())[name]), name


def test_another_text_or_another_trunk_is_computed_anew(frozen, tmp_path):
    trainer = frozen()
    examples = trainer.train_dataset
    turn_states(trainer.pixel, examples, 256)
    kept = list((tmp_path / "cache").rglob("*.safetensors"))
    turn_states(trainer.pixel, examples.select(range(5)), 256)
    with torch.no_grad():
        trainer.pixel.model.layers[0].mlp.up_proj.weight.mul_(1.5)
    turn_states(trainer.pixel, examples, 256)
    assert len(kept) == 1
    assert len(list((tmp_path / "cache").rglob("*.safetensors"))) == 3


def test_states_are_those_that_the_network_pools(frozen):
    trainer = frozen()
    examples = trainer.train_dataset.select(range(3))
    states = turn_states(trainer.pixel, examples, 256)
    for index, example in enumerate(examples):
        with torch.no_grad():
            hidden = trainer.pixel.hidden_at_readout(torch.tensor([example["input_ids"]]))[0]
        for turn, (first, last) in enumerate(example["turn_spans"]):
            expected = hidden[first : last + 1].mean(0)
            # states are kept in bfloat16: 8 bits
            torch.testing.assert_close(states[index][turn].float(), expected, atol=1e-3, rtol=1e-2)


def test_the_trunk_stays_and_labelled_heads_move(frozen):
    trainer = frozen()
    before = {name: p.detach().clone() for name, p in trainer.pixel.named_parameters()}
    trainer.train()
    moved = {name for name, p in trainer.pixel.named_parameters() if not torch.equal(p, before[name])}
    assert moved and all(name.startswith("heads.") for name in moved)
    assert any("emotional_reactions" in name for name in moved)


def test_learning_lowers_the_loss_below_the_priors(frozen):
    trainer = frozen()
    trainer.train()
    history = [entry for entry in trainer.state.log_history if "loss_risk" in entry]
    assert history[-1]["loss_risk"] <= history[0]["loss_risk"] + 1e-6


def test_heads_that_are_not_linear_are_refused(tmp_path):
    tokenizer, network = tiny_network()
    with pytest.raises(SettingError, match="head_hidden_size: 0"):
        FrozenTrainer(network, arguments(tmp_path), Dataset.from_list(rows(4), features=features()), tokenizer)
